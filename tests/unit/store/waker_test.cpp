#include "store/waker.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

namespace countersign::store {
namespace {

TEST(SignalWaker, EndsABlockingCallOfItsThread) {
  SignalWaker waker;
  ASSERT_TRUE(waker.ready());
  std::thread other{[&] {
    // repeated: the first may come before poll sleeps
    for (int i = 0; i < 2000; ++i) {
      waker.wake();
      std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
  }};
  const int result = ::poll(nullptr, 0, 10'000);
  const int why = errno;
  EXPECT_EQ(result, -1);
  EXPECT_EQ(why, EINTR);
  other.join();
}

TEST(SignalWaker, GivesItsSignalBack) {
  const auto taken = [] {
    for (int signal = SIGRTMIN; signal <= SIGRTMAX; ++signal) {
      struct sigaction now {};
      ::sigaction(signal, nullptr, &now);
      if (now.sa_handler != SIG_DFL) {
        return true;
      }
    }
    return false;
  };
  ASSERT_FALSE(taken());
  {
    const SignalWaker waker;
    EXPECT_TRUE(taken());
  }
  EXPECT_FALSE(taken());
}

TEST(SignalWaker, TakesASignalThatNobodyUses) {
  struct sigaction ours {};
  ours.sa_handler = [](int) {};
  struct sigaction before {};
  ::sigaction(SIGRTMIN, &ours, &before);
  {
    const SignalWaker waker;
    EXPECT_TRUE(waker.ready());
    struct sigaction now {};
    ::sigaction(SIGRTMIN, nullptr, &now);
    EXPECT_EQ(now.sa_handler, ours.sa_handler);
  }
  ::sigaction(SIGRTMIN, &before, nullptr);
}

}  // namespace
}  // namespace countersign::store
