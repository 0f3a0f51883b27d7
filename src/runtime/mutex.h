// A mutex that clang's thread-safety analysis understands, and the lock that holds it.
#pragma once

#include <mutex>

#if defined(__clang__)
#define DRAMATIS_THREAD_FACT(fact) __attribute__((fact))
#else
#define DRAMATIS_THREAD_FACT(fact)
#endif
#define DRAMATIS_GUARDED_BY(mutex) DRAMATIS_THREAD_FACT(guarded_by(mutex))
#define DRAMATIS_REQUIRES(...) DRAMATIS_THREAD_FACT(requires_capability(__VA_ARGS__))
#define DRAMATIS_EXCLUDES(...) DRAMATIS_THREAD_FACT(locks_excluded(__VA_ARGS__))

namespace dramatis::runtime {

// Thread-safe. A std::condition_variable_any waits on the Mutex itself, while a Lock holds it.
class DRAMATIS_THREAD_FACT(capability("mutex")) Mutex {
 public:
  void lock() DRAMATIS_THREAD_FACT(acquire_capability()) { mutex_.lock(); }
  void unlock() DRAMATIS_THREAD_FACT(release_capability()) { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class DRAMATIS_THREAD_FACT(scoped_lockable) Lock {
 public:
  explicit Lock(Mutex& mutex) DRAMATIS_THREAD_FACT(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() DRAMATIS_THREAD_FACT(release_capability()) { mutex_.unlock(); }

 private:
  Mutex& mutex_;
};

}  // namespace dramatis::runtime
