// c10d's Gloo; what it throws stays here.
#ifndef USE_C10D_GLOO
#define USE_C10D_GLOO  // libtorch's own builds say so to themselves alone
#endif
#include "train/tune/workers.h"

#include <chrono>
#include <exception>

#include <fmt/format.h>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>

#include "train/limits.h"

namespace dramatis::train::tune {
namespace {

using c10d::ProcessGroupGloo;

// The reason on one line, without libtorch's stack.
std::string reason(const std::exception& fault) {
  const std::string_view what = fault.what();
  return std::string(what.substr(0, what.find('\n')));
}

// Where several processes are on one machine, they meet on the loopback; else on the address that
// the machine's name leads to.
std::shared_ptr<::gloo::transport::Device> device_for(const std::string& address) {
  const bool is_here = address == "127.0.0.1" || address == "localhost" || address == "::1";
  return is_here ? ProcessGroupGloo::createDeviceForHostname("127.0.0.1")
                 : ProcessGroupGloo::createDefaultDevice();
}

}  // namespace

struct Workers::Group {
  c10::intrusive_ptr<c10d::TCPStore> store;
  c10::intrusive_ptr<ProcessGroupGloo> gloo;

  // Runs one collective call; whatever goes wrong in it means that somebody is gone.
  template <class Call>
  Status run(const Call& call) {
    try {
      call(*gloo)->wait();
      return {};
    } catch (const std::exception& fault) {
      return fail(ErrorCode::kUnavailable,
                  fmt::format("Another process of this training is lost: {}. Start all of them "
                              "again; the run goes on from its last checkpoint.",
                              reason(fault)));
    }
  }
};

Workers::Workers(Worker place, std::unique_ptr<Group> group)
    : place_(std::move(place)), group_(std::move(group)) {}
Workers::Workers(Workers&&) noexcept = default;
Workers& Workers::operator=(Workers&&) noexcept = default;
Workers::~Workers() = default;

Result<Workers> Workers::meet(const Worker& place) {
  if (place.count == 0 || place.rank >= place.count) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("Rank {} of {} processes; ranks count "
                                                         "from 0.",
                                                         place.rank, place.count));
  }
  if (place.count > kMaxWorkers) {
    return fail(ErrorCode::kOverBudget,
                fmt::format("{} processes; at most {} train together.", place.count, kMaxWorkers));
  }
  if (place.count == 1) return Workers(place, nullptr);
  try {
    const std::chrono::milliseconds patience = std::chrono::seconds(place.patience_seconds);
    c10d::TCPStoreOptions options;
    options.port = place.port;
    options.isServer = place.rank == 0;
    options.numWorkers = place.count;
    options.timeout = patience;
    auto group = std::make_unique<Group>();
    group->store = c10::make_intrusive<c10d::TCPStore>(place.address, options);
    auto how = ProcessGroupGloo::Options::create(patience);
    how->devices.push_back(device_for(place.address));
    how->threads = 2;
    group->gloo = c10::make_intrusive<ProcessGroupGloo>(group->store, static_cast<int>(place.rank),
                                                        static_cast<int>(place.count), how);
    return Workers(place, std::move(group));
  } catch (const std::exception& fault) {
    return fail(ErrorCode::kUnavailable,
                fmt::format("Process {} of {} met no others at {}:{}: {}.", place.rank, place.count,
                            place.address, place.port, reason(fault)));
  }
}

Status Workers::sum(std::vector<torch::Tensor>& tensors) {
  if (!group_) return {};
  for (auto& tensor : tensors) {
    std::vector<torch::Tensor> one = {tensor.contiguous()};
    DRAMATIS_DO(group_->run([&](ProcessGroupGloo& gloo) { return gloo.allreduce(one); }));
    tensor = one[0];
  }
  return {};
}

Status Workers::sum(std::vector<double>& numbers) {
  if (!group_) return {};
  std::vector<torch::Tensor> one = {torch::tensor(numbers, torch::kFloat64)};
  DRAMATIS_DO(sum(one));
  const double* summed = one[0].data_ptr<double>();
  numbers.assign(summed, summed + one[0].numel());
  return {};
}

Status Workers::take_from_first(const std::vector<torch::Tensor>& tensors) {
  if (!group_) return {};
  const torch::NoGradGuard no_gradients;
  for (torch::Tensor tensor : tensors) {
    std::vector<torch::Tensor> one = {tensor.detach().contiguous()};
    DRAMATIS_DO(group_->run([&](ProcessGroupGloo& gloo) { return gloo.broadcast(one); }));
    tensor.copy_(one[0]);
  }
  return {};
}

}  // namespace dramatis::train::tune
