// SPDX-License-Identifier: MIT
#pragma once
// asio with its coroutines. Its own test for them knows no recent clang.

#include <coroutine>

#ifndef ASIO_HAS_CO_AWAIT
#define ASIO_HAS_CO_AWAIT 1
#endif
#ifndef ASIO_HAS_STD_COROUTINE
#define ASIO_HAS_STD_COROUTINE 1
#endif
#include <asio.hpp>
