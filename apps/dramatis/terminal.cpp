// Signals, libedit and escape sequences.
#include "terminal.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>

#include <histedit.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "text/utf8.h"

namespace dramatis::app {
namespace {

// Lines that are offered again: a few evenings.
constexpr int kHistoryLines = 1000;
constexpr char kControlC = 3;
constexpr char kControlD = 4;
// What Linux makes of a Ctrl-D that was typed while a reply was coming.
constexpr char kTypedAhead = 0;

void ring(int event) {
  const std::uint64_t one = 1;
  // Full only after 2^64 - 2 rings that nobody heard; then it is ringing anyway.
  if (::write(event, &one, sizeof one) < 0 && errno != EAGAIN) std::perror("dramatis: eventfd");
}

bool is_readable(short events) {
  return (events & (POLLIN | POLLHUP | POLLERR)) != 0;
}

}  // namespace

std::size_t columns_of(std::FILE* out) {
  winsize size{};
  return ioctl(fileno(out), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

Paint Paint::for_stream(std::FILE* out) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool is_plain = !isatty(fileno(out)) || (no_color != nullptr && *no_color != '\0') ||
                        term == nullptr || std::string_view(term) == "dumb";
  if (is_plain) return {};
  return {.name = "\x1b[1;36m", .quiet = "\x1b[2m", .plain = "\x1b[0m"};
}

Signals::Signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&set, signal);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  over_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  DRAMATIS_CHECK(signals_ >= 0 && over_ >= 0 && wake_ >= 0);
  watcher_ = std::thread([this] { watch(); });
}

Signals::~Signals() {
  ring(over_);
  watcher_.join();
  for (const int descriptor : {signals_, over_, wake_}) ::close(descriptor);
}

std::stop_token Signals::begin_work() {
  tame_ = true;
  const std::lock_guard lock(mutex_);
  work_.emplace();
  if (leaving_) work_->request_stop();
  return work_->get_token();
}

void Signals::end_work() {
  const std::lock_guard lock(mutex_);
  work_.reset();
}

int Signals::wake_fd() {
  tame_ = true;
  return wake_;
}

bool Signals::take_interrupt() {
  std::uint64_t rings = 0;
  if (::read(wake_, &rings, sizeof rings) < 0) rings = 0;
  return interrupted_.exchange(false);
}

void Signals::watch() {
  std::array<pollfd, 2> watched{pollfd{.fd = signals_, .events = POLLIN, .revents = 0},
                                pollfd{.fd = over_, .events = POLLIN, .revents = 0}};
  while (true) {
    if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
    if (is_readable(watched[1].revents)) return;
    signalfd_siginfo came{};
    while (::read(signals_, &came, sizeof came) == sizeof came) {
      arrived(static_cast<int>(came.ssi_signo));
    }
  }
}

void Signals::arrived(int signal) {
  if (!tame_) std::_Exit(128 + signal);
  if (signal != SIGINT) leaving_ = true;
  const std::lock_guard lock(mutex_);
  if (work_) {
    work_->request_stop();
    return;
  }
  if (signal == SIGINT) interrupted_ = true;
  ring(wake_);
}

struct LineEditor::Inside {
  Signals& signals;
  std::filesystem::path history_file;
  std::string prompt{};
  bool interrupted = false;
  EditLine* editor = nullptr;
  History* history = nullptr;

  static Inside& of(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return *static_cast<Inside*>(self);
  }
  static char* show_prompt(EditLine* editor) { return of(editor).prompt.data(); }

  // One byte, or nothing where a signal or the end came first.
  std::optional<char> read_byte() {
    std::array<pollfd, 2> watched{pollfd{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                  pollfd{.fd = signals.wake_fd(), .events = POLLIN, .revents = 0}};
    while (true) {
      if (::poll(watched.data(), watched.size(), -1) < 0) {
        if (errno == EINTR) continue;
        return std::nullopt;
      }
      if (is_readable(watched[1].revents)) {
        interrupted = signals.take_interrupt();
        return std::nullopt;
      }
      char byte = 0;
      const auto got = ::read(STDIN_FILENO, &byte, 1);
      if (got < 0 && errno == EINTR) continue;
      if (got != 1) return std::nullopt;
      if (byte == kTypedAhead) return kControlD;
      interrupted = byte == kControlC;  // a terminal that sends it as a letter
      return interrupted ? std::nullopt : std::optional<char>(byte);
    }
  }

  // A code point for libedit: 1, or -1 where there is none.
  static int read_letter(EditLine* editor, wchar_t* letter) {
    Inside& self = of(editor);
    std::string bytes;
    while (bytes.size() < 4) {
      const auto byte = self.read_byte();
      if (!byte) return -1;
      bytes += *byte;
      if (text::whole_prefix(bytes) == bytes.size()) break;
    }
    const auto point = text::first_code_point(bytes);
    *letter = static_cast<wchar_t>(point.length == 0 ? 0xFFFD : point.value);
    return 1;
  }
};

LineEditor::LineEditor(const std::filesystem::path& history, Signals& signals)
    : inside_(new Inside{.signals = signals, .history_file = history}) {
  // Where the replies go to a file, the prompt must not.
  std::FILE* out = isatty(STDOUT_FILENO) != 0 ? stdout : stderr;
  inside_->editor = el_init("dramatis", stdin, out, stderr);
  inside_->history = history_init();
  DRAMATIS_CHECK(inside_->editor != nullptr && inside_->history != nullptr);
  HistEvent event;
  ::history(inside_->history, &event, H_SETSIZE, kHistoryLines);
  ::history(inside_->history, &event, H_SETUNIQUE, 1);
  ::history(inside_->history, &event, H_LOAD, history.c_str());
  EditLine* editor = inside_->editor;
  el_set(editor, EL_CLIENTDATA, inside_.get());
  el_set(editor, EL_PROMPT_ESC, &Inside::show_prompt, '\1');
  el_set(editor, EL_EDITOR, "emacs");
  el_set(editor, EL_SIGNAL, 0);
  el_set(editor, EL_HIST, ::history, inside_->history);
  el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  el_set(editor, EL_GETCFN, &Inside::read_letter);
  el_source(editor, nullptr);
}

LineEditor::~LineEditor() {
  HistEvent event;
  const mode_t before = ::umask(0077);
  ::history(inside_->history, &event, H_SAVE, inside_->history_file.c_str());
  ::umask(before);
  el_end(inside_->editor);
  history_end(inside_->history);
}

Typed LineEditor::read(const std::string& prompt) {
  Inside& in = *inside_;
  if (in.signals.take_interrupt()) return {.what = Typed::What::kInterrupt};
  if (in.signals.leaving()) return {};
  in.prompt = prompt;
  in.interrupted = false;
  int count = 0;
  const char* typed = el_gets(in.editor, &count);
  if (in.interrupted) {
    const LineInfo* line = el_line(in.editor);
    const bool was_empty = line == nullptr || line->buffer == line->lastchar;
    el_reset(in.editor);
    return {.what = Typed::What::kInterrupt, .line = {}, .was_empty = was_empty};
  }
  if (typed == nullptr || count <= 0) return {};
  std::string line(typed, static_cast<std::size_t>(count));
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
  HistEvent event;
  if (!line.empty()) ::history(in.history, &event, H_ENTER, line.c_str());
  return {.what = Typed::What::kLine, .line = std::move(line)};
}

std::optional<std::string> read_line(std::FILE* in, std::size_t kept) {
  std::string line;
  int letter = std::getc(in);
  if (letter == EOF) return std::nullopt;
  for (; letter != EOF && letter != '\n'; letter = std::getc(in)) {
    if (line.size() < kept) line += static_cast<char>(letter);
  }
  return line;
}

}  // namespace dramatis::app
