#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The key-value server from outside: kv_test.py KV_SERVER [ALLOCATION_COUNTER.so] [GROUP...].

Each group is a class of kv_*_cases; all of them run unless some are named. Where a redis-server is
installed, replies are compared with its own, byte for byte.
"""

import os
import sys
import unittest

import kv_allocations
import kv_client
import kv_compared_cases
import kv_cost_cases
import kv_limits_cases
import kv_memory_cases
import kv_run_cases
import kv_service_cases


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program, names = os.path.abspath(sys.argv[1]), sys.argv[2:]
    if names and names[0].endswith(".so"):
        kv_allocations.COUNTER = os.path.abspath(names.pop(0))
    modules = [kv_service_cases, kv_limits_cases, kv_cost_cases, kv_memory_cases, kv_run_cases]
    if kv_client.REDIS:
        modules.append(kv_compared_cases)
    else:
        print("kv_test: no redis-server here, so no replies were compared with its own")
    suite = unittest.TestSuite()
    for module in modules:
        module.PROGRAM = program
        for case in vars(module).values():
            if isinstance(case, type) and issubclass(case, unittest.TestCase):
                if not names or case.__name__ in names:
                    suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(case))
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(suite)
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)


if __name__ == "__main__":
    main()
