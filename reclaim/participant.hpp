// SPDX-License-Identifier: MIT
#pragma once

// A thread's membership in a domain: it announces quiescent states, retires what it has unlinked
// and releases it after a grace period. All functions are for the thread that made it, unless they
// say otherwise; joining and leaving never wait for others. An unchanged quiescent state costs two
// loads and two compares, a retire a compare and a store into memory of its own. Nothing here
// blocks, and nothing is released but in quiescent(), drive() and the destructor.
//
// Between two quiescent states a participant is online: what it reads from shared structures stays.
// At quiescent() it must hold no reference to shared objects; before it blocks it goes offline.
//
// Deleters are noexcept, run on the retiring participant's thread while it is online and current,
// and may retire again (without memory for that the program ends, as they are noexcept: reserve()
// first). They must not call quiescent(), drive(), online() or offline().

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

#include "../base/assert.hpp"
#include "../base/clock.hpp"
#include "domain.hpp"
#include "limbo.hpp"
#include "release_budget.hpp"
#include "release_kind.hpp"
#include "statistics.hpp"

namespace lull {

class participant;

namespace detail {

// The thread's participant, and the one thread_local of the library.
constinit inline thread_local participant* current_participant = nullptr;

// The counters of participant_statistics, written by their owner alone.
struct participant_counters {
  atomic<std::uint64_t> retired{0};
  atomic<std::uint64_t> released{0};
  atomic<std::uint64_t> adopted{0};
  atomic<std::uint64_t> limbo_objects{0};
  atomic<std::uint64_t> limbo_bytes{0};
  atomic<std::uint64_t> limbo_objects_high{0};
  atomic<std::uint64_t> limbo_bytes_high{0};
  atomic<std::uint64_t> epochs{0};
  atomic<std::uint64_t> advances{0};
};

}  // namespace detail

class participant {
 public:
  // Joins and comes online; becomes the thread's current participant when there is none. Throws
  // std::bad_alloc with nothing changed. A walk over the slots.
  explicit participant(domain& joined);

  // Leaves. What is due is released here; the rest is left to a participant that is online, and
  // when there is none, is brought to its end here. Does not wait for anybody.
  ~participant();

  participant(const participant&) = delete;
  participant& operator=(const participant&) = delete;

  // A quiescent state: announces the epoch, closes the batch of retires since the last one, helps
  // the epoch on when something waits for it, and releases what is due within the bound.
  void quiescent() noexcept {
    check_thread("quiescent()");
    if (epochs_.epoch() == announced_ && !work_) return;
    turn(release_bound{}, "quiescent()");
  }
  void quiescent(release_bound bound) noexcept {
    check_thread("quiescent()");
    if (epochs_.epoch() == announced_ && !work_) return;
    turn(bound, "quiescent()");
  }

  // Before sleeping: announces, advances and releases. True when nothing is left in limbo; false
  // when an online participant stands in the way (it takes a while: sleep, but not unbounded), or,
  // with has_due(), when this call has done its share and there is more to release at once.
  bool drive() noexcept;

  // Goes offline: nobody waits for this participant until online(). One store and one full fence,
  // which serves the caller too: what it stored before the call is ordered before what it loads
  // after it (an asleep flag, and then the inbox). Closes the batch. Then it looks at what others
  // left behind: false says that there was some, and that this participant has adopted it and is
  // online again: it has something to drive before it sleeps.
  bool offline() noexcept;

  // Comes online again, with the epoch as it is now. A store and a full fence, at most twice.
  void online() noexcept;

  bool is_online() const noexcept { return announced_ != 0; }

  // Whether anything retired or adopted is not released yet, and whether some of it can be at once.
  bool has_limbo() const noexcept;
  bool has_due() const noexcept;

  // Hands over an object that no new reader can reach. Throws std::bad_alloc with nothing changed:
  // the object still is the caller's; reserve() before unlinking rules that out.
  template <class T>
  void retire(T* object);

  // The same, counted in limbo as so many bytes: the object's own and what it alone owns.
  template <class T>
  void retire(T* object, std::size_t bytes);

  // Any deleter of up to limits::deleter_words words; left as it was when this throws.
  template <class T, class Deleter>
  void retire(std::unique_ptr<T, Deleter>&& object);

  // An array of `count` elements.
  template <class T>
  void retire(std::unique_ptr<T[]>&& array, std::size_t count);

  // Anything: `function(object)` is called after the grace period; `bytes` is what limbo counts.
  void retire(void* object, std::size_t bytes, void (*function)(void*) noexcept);

  // Makes the next n retires unable to fail. Throws std::bad_alloc with nothing changed.
  void reserve(std::size_t n);

  // Any thread, while this participant exists.
  participant_statistics statistics() const noexcept;

  // The clock that bounds the time of releases; a driver may set its own.
  void use_clock(time_source clock) noexcept { clock_ = clock; }

  // The participant of the calling thread, null when there is none. A driver of several in one
  // thread switches; set_current returns the one before.
  static participant* current() noexcept { return detail::current_participant; }
  static participant* set_current(participant* now) noexcept {
    return std::exchange(detail::current_participant, now);
  }

  // For whoever drives this participant; not used here.
  void* context = nullptr;

 private:
  void check_thread([[maybe_unused]] const char* call) const noexcept {
    LULL_DEBUG_ASSERT(owner_ == &detail::current_participant,
                      "%s was called on another thread than the one that joined: each thread "
                      "joins with a participant of its own",
                      call);
  }
  void check_turn(const char* call) const noexcept;

  void** place(const detail::release_kind& kind) {
    if (!limbo_->fits(kind)) [[unlikely]]
      begin_run(kind);
    return limbo_->place(kind);
  }
  void begin_run(const detail::release_kind& kind);

  detail::advance_outcome turn(release_bound bound, const char* call) noexcept;
  detail::epoch_number announce(detail::epoch_number now) noexcept;
  std::size_t close_batch(detail::epoch_number tag) noexcept;
  bool adopt() noexcept;
  void release(release_bound bound, std::size_t closed) noexcept;
  detail::limbo::size release_all(detail::release_budget& budget) noexcept;
  detail::epoch_number wanted() const noexcept;
  std::size_t due() const noexcept;
  void note_limbo(detail::limbo::size more) noexcept;

  void leave() noexcept;
  detail::epoch_number leave_limbos() noexcept;
  bool finish(detail::epoch_number want) noexcept;
  void take_back() noexcept;

  detail::epoch_state& epochs_;
  detail::epoch_number announced_ = 0;  // as in the slot; 0: offline
  bool work_ = false;                   // limbo is not empty
  bool releasing_ = false;              // deleters are running
  detail::release_pace pace_;
  std::unique_ptr<detail::limbo> limbo_;
  detail::slot* slot_;
  detail::limbo* adopted_ = nullptr;  // limbos of participants that left, with their tags
  domain& domain_;
  const void* owner_;
  time_source clock_;
  alignas(cache_line) detail::participant_counters counters_;
};

template <class T>
void participant::retire(T* object) {
  static_assert(sizeof(T) > 0, "retire needs the whole type, or the wrong destructor would run");
  static_assert(std::is_nothrow_destructible_v<T>, "deleters do not throw");
  place(detail::delete_kind<T>::value)[0] = detail::to_word(object);
}

template <class T>
void participant::retire(T* object, std::size_t bytes) {
  static_assert(sizeof(T) > 0, "retire needs the whole type, or the wrong destructor would run");
  static_assert(std::is_nothrow_destructible_v<T>, "deleters do not throw");
  void** entry = place(detail::sized_delete_kind<T>::value);
  entry[0] = detail::to_word(object);
  entry[1] = detail::to_word(bytes);
  limbo_->count_bytes(bytes);
}

template <class T, class Deleter>
void participant::retire(std::unique_ptr<T, Deleter>&& object) {
  static_assert(!std::is_array_v<T>, "retire(array, count) takes arrays: limbo counts bytes");
  static_assert(
      !std::is_reference_v<Deleter>,
      "the deleter must be owned by the unique_ptr: a referenced one may be gone by then");
  static_assert(std::is_same_v<typename std::unique_ptr<T, Deleter>::pointer, T*>,
                "retire takes deleters of plain pointers");
  if (object == nullptr) return;
  if constexpr (std::is_same_v<Deleter, std::default_delete<T>>) {
    retire(object.get());
  } else if constexpr (std::is_empty_v<Deleter> && std::is_default_constructible_v<Deleter>) {
    place(detail::stateless_kind<T, Deleter>::value)[0] = detail::to_word(object.get());
  } else {
    static_assert(sizeof(Deleter) <= limits::deleter_words * sizeof(void*),
                  "the deleter is too large for limbo: put its state behind a pointer");
    static_assert(alignof(Deleter) <= alignof(void*), "the deleter is aligned too far for limbo");
    static_assert(std::is_nothrow_move_constructible_v<Deleter>, "the move must not throw");
    void** entry = place(detail::stateful_kind<T, Deleter>::value);
    entry[0] = detail::to_word(object.get());
    ::new (static_cast<void*>(entry + 1)) Deleter(std::move(object.get_deleter()));
  }
  static_cast<void>(object.release());
}

template <class T>
void participant::retire(std::unique_ptr<T[]>&& array, std::size_t count) {
  static_assert(std::is_nothrow_destructible_v<T>, "deleters do not throw");
  if (array == nullptr) return;
  void** entry = place(detail::array_kind<T>::value);
  entry[0] = detail::to_word(array.release());
  entry[1] = detail::to_word(count * sizeof(T));
  limbo_->count_bytes(count * sizeof(T));
}

}  // namespace lull
