# SPDX-License-Identifier: MIT
"""The live tasks of a stopped program or a core dump, for gdb:

    gdb -x lull_gdb.py PROGRAM [CORE]
    (gdb) lull-tasks        of the selected thread's core
    (gdb) lull-tasks all    of every core

Each task with its name and, from the innermost outwards, the co_await at which each of its
coroutines stands. Needs debug information (-g) of lull; or of the program alone, which clang then
compiles with -fstandalone-debug.
"""
import gdb

LITERAL = 1 << 63  # lull::detail::coroutine_state: what is awaited is a text, no coroutine
HIDES_FIRST = 1 << 5  # of task_record::packed_


def source_location(value):
    """(function, file, line) of a std::source_location, as libstdc++ and libc++ lay it out."""
    pointers = [one.name for one in value.type.fields() if one.type.code == gdb.TYPE_CODE_PTR]
    implementation = value[pointers[0]] if pointers else None
    if implementation is None or int(implementation) == 0:
        return None
    found = implementation.dereference()
    parts = {field.name.strip("_M"): found[field.name] for field in found.type.fields()}
    return (
        parts["function_name"].string(),
        parts["file_name"].string(),
        int(parts["line"]),
    )


def nodes_of(intrusive_list, node_type):
    """The nodes of a lull::detail::intrusive_list, in order."""
    ends = intrusive_list["ends_"].address
    at = ends.dereference()["next_"]
    while int(at) != int(ends):
        yield at.cast(node_type.pointer()).dereference()
        at = at.dereference()["next_"]


def coroutines_of(task):
    """From what was spawned to the innermost."""
    at = task["first"]["state"]
    while int(at) != 0:
        yield at.dereference()
        word = int(at.dereference()["waits_for_"])
        at = gdb.Value(0 if word & LITERAL else word).cast(at.type)


def print_task(task, running):
    name = task["name"]
    coroutines = list(coroutines_of(task))
    places = [source_location(one["at_"]) for one in coroutines]
    if int(task["packed_"]) & HIDES_FIRST and len(places) > 1:
        del places[0]
    title = name.string() if int(name) != 0 else (places[0][0] if places[0] else "?")
    awaits = int(coroutines[-1]["waits_for_"])
    doing = "runs" if running else "waits"
    if not running and awaits & LITERAL:
        text = gdb.Value(awaits - LITERAL).cast(gdb.lookup_type("char").pointer())
        doing += f" for {text.string()}"
    print(f"  {title}: {doing}")
    for place in reversed(places):
        if place:
            print(f"    at {place[0]} ({place[1]}:{place[2]})")


def print_core_of_thread():
    """False: the selected thread is no core, or is not inside of one."""
    context = gdb.parse_and_eval("'lull::detail::current_context'")
    if int(context) == 0:
        return False
    core = context.cast(gdb.lookup_type("lull::detail::core_context").pointer())
    core = core.cast(gdb.lookup_type("lull::core").pointer())
    running = int(core["participant_"]["running"])
    tasks = list(nodes_of(core["tasks"], gdb.lookup_type("lull::detail::task_record")))
    print(f"core {int(core['index'])}: {len(tasks)} tasks")
    for task in tasks:
        print_task(task, int(task.address) == running)
    return True


class LullTasks(gdb.Command):
    """lull-tasks [all]: the live tasks of this thread's core, or of every core."""

    def __init__(self):
        super().__init__("lull-tasks", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        try:
            if argument.strip() == "all":
                self.print_all()
            elif not print_core_of_thread():
                raise gdb.GdbError("this thread runs no core; select another, or: lull-tasks all")
        except gdb.error as error:
            raise gdb.GdbError(
                f"the tasks cannot be read: {error}. It takes a program that runs, or its core "
                "dump, and debug information (-g) of lull"
            ) from error

    def print_all(self):
        selected = gdb.selected_thread()
        found = 0
        try:
            for thread in sorted(gdb.selected_inferior().threads(), key=lambda one: one.num):
                thread.switch()
                found += print_core_of_thread()
        finally:
            if selected is not None:
                selected.switch()
        if found == 0:
            raise gdb.GdbError("no thread runs a core")


LullTasks()
