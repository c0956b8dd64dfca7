// SPDX-License-Identifier: MIT
#pragma once

// The whole of lull-tls in one include, beside <lull/lull.hpp>.

#include "tls_client.hpp"
#include "tls_received.hpp"
#include "tls_server.hpp"
#include "tls_stream.hpp"
