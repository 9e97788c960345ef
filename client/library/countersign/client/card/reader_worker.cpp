#include "countersign/client/card/reader_worker.hpp"

#include <utility>

#include "countersign/client/card/issuer_commands.hpp"

namespace countersign::client {
namespace {

/// A reader that hangs is not asked any more when so many jobs wait for it.
constexpr std::size_t kMostJobs = 64;

}  // namespace

ReaderWorker::ReaderWorker(std::string reader, TransportFactory transports)
    : reader_{std::move(reader)}, transports_{std::move(transports)}, thread_{[this] { run(); }} {}

ReaderWorker::~ReaderWorker() {
  end();
  if (thread_.joinable()) {
    thread_.join();
  }
}

bool ReaderWorker::give(Job job) {
  const std::scoped_lock lock{mutex_};
  if (ending_ || jobs_.size() >= kMostJobs) {
    return false;
  }
  jobs_.push_back(std::move(job));
  changed_.notify_all();
  return true;
}

void ReaderWorker::end() {
  const std::scoped_lock lock{mutex_};
  ending_ = true;
  changed_.notify_all();
}

bool ReaderWorker::has_ended(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock{mutex_};
  return changed_.wait_until(lock, deadline, [this] { return ended_; });
}

bool ReaderWorker::ending() {
  const std::scoped_lock lock{mutex_};
  return ending_;
}

std::optional<ReaderWorker::Job> ReaderWorker::next() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
  if (jobs_.empty()) {
    return std::nullopt;
  }
  Job job = std::move(jobs_.front());
  jobs_.pop_front();
  return job;
}

void ReaderWorker::run() {
  while (const auto job = next()) {
    (*job)(*this);
  }
  session_.reset();  // here, because to disconnect is to ask the service too
  const std::scoped_lock lock{mutex_};
  ended_ = true;
  changed_.notify_all();
}

CardFailure ReaderWorker::on_card(const std::function<CardFailure(CardSession&)>& work) {
  if (ending()) {
    return {.what = CardError::no_reader};
  }
  CardFailure failure = on_session(work);
  if (failure.what == CardError::other_card) {
    failure = on_session(work);
  }
  return failure;
}

/// On the connection that there is, or a new one; one that failed is given up.
CardFailure ReaderWorker::on_session(const std::function<CardFailure(CardSession&)>& work) {
  if (!session_) {
    session_ = std::make_unique<CardSession>(transports_(), reader_);
  }
  const CardFailure failure = session_->run([&] { return work(*session_); });
  if (is_cut_off(failure)) {
    session_.reset();
  }
  return failure;
}

}  // namespace countersign::client
