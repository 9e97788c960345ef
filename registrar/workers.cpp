#include "registrar/workers.hpp"

#include "registrar/note.hpp"

namespace countersign::registrar {

Workers::Workers(const Desk& desk, const Settings& settings)
    : most_{settings.limits.connections},
      most_of_one_{settings.limits.connections_per_address},
      answer_time_{settings.limits.request_time} {
  for (std::uint32_t i = 0; i < settings.threads; ++i) {
    threads_.emplace_back([this, desk] { run(desk); });
  }
}

Workers::~Workers() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

bool Workers::enter(const std::string& network) {
  const std::lock_guard lock{mutex_};
  if (count_ >= most_) {
    return false;
  }
  std::size_t& open = open_[network];
  if (open >= most_of_one_) {
    return false;
  }
  ++open;
  ++count_;
  return true;
}

void Workers::leave(const std::string& network) {
  const std::lock_guard lock{mutex_};
  const auto open = open_.find(network);
  if (open != open_.end() && --open->second == 0) {
    open_.erase(open);
  }
  --count_;
}

void Workers::serve(std::unique_ptr<TlsStream> stream, std::optional<Answer> preset) {
  {
    const std::lock_guard lock{mutex_};
    waiting_.push_back({std::move(stream), std::move(preset)});
  }
  wake_.notify_one();
}

std::optional<Workers::Job> Workers::next() {
  std::unique_lock lock{mutex_};
  wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
  if (waiting_.empty()) {
    return std::nullopt;
  }
  Job job = std::move(waiting_.front());
  waiting_.pop_front();
  return job;
}

void Workers::run(const Desk& desk) {
  Conversation conversation{desk};
  while (auto job = next()) {
    const std::string network = job->stream->origin().network;
    try {
      conversation.serve(*job->stream, std::move(job->preset), answer_time_);
    } catch (const std::exception& error) {
      note(std::string{"a request failed: "} + error.what());
    }
    job.reset();
    leave(network);
  }
}

}  // namespace countersign::registrar
