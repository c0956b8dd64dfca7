// SPDX-License-Identifier: MIT
#include "failure_causes.hpp"

#include <cerrno>

namespace lull {
namespace {

// What is said of Unix sockets where the error means something else for them.
const char* cause_and_remedy_of_unix_socket(int code) noexcept {
  switch (code) {
    case ECONNREFUSED:
      return "the name is there, but nobody listens; start the service (a path stays behind when "
             "its service ends)";
    case ENOENT:
      return "there is no such file; start the service that makes it, or check the path";
    case EADDRINUSE:
      return "the name is taken; stop the service that has it ('ss -lx' names it), or remove the "
             "file if none has ('replace' in the options does)";
    case EACCES:
    case EPERM:
      return "this process may not; it needs to write to the socket's file, or to the folder that "
             "is to hold it; check their owners and modes";
    case EPROTOTYPE:
      return "a socket of another kind has this name: a stream where datagrams were wanted, or the "
             "reverse; check the path";
    case ETOOMANYREFS:
      return "too many descriptors are on their way already; let the receiver take them, or raise "
             "its limit with 'ulimit -n'";
    default:
      return nullptr;
  }
}

// The likely cause, and what mends it. Null: the error says all there is to say.
const char* cause_and_remedy_of_socket(int code) noexcept {
  switch (code) {
    case ECONNREFUSED:
      return "nobody listens there; start the service, or check the address and the port";
    case ECONNRESET:
      return "the peer dropped the connection, most likely because its program ended or closed it "
             "with bytes unread; treat it as the end of the connection";
    case EPIPE:
      return "the connection was already closed for sending; treat it as the end of the connection";
    case ETIMEDOUT:
      return "the peer does not answer; check that it runs and that no firewall drops the packets";
    case EHOSTUNREACH:
    case ENETUNREACH:
      return "there is no route to the peer; check the address, and the routes with 'ip route'";
    case EADDRINUSE:
      return "another socket has this address; stop the program that has it ('ss -lntup' names "
             "it) or choose another port";
    case EADDRNOTAVAIL:
      return "no interface of this machine has the address, or its ports are used up; check 'ip "
             "address' and net.ipv4.ip_local_port_range";
    case EACCES:
    case EPERM:
      return "this process may not; ports below net.ipv4.ip_unprivileged_port_start (1024) need "
             "CAP_NET_BIND_SERVICE, and a firewall refuses with the same error; choose a higher "
             "port or grant the capability";
    case EAFNOSUPPORT:
      return "this machine has no such address family (IPv6 may be switched off); use an address "
             "of the other one";
    case EMFILE:
      return "this process has no descriptor left; raise its limit with allow_descriptors() or "
             "'ulimit -n', or close connections that are not needed";
    case ENFILE:
      return "the machine has no descriptor left; raise it with 'sysctl fs.file-max'";
    case ENOBUFS:
    case ENOMEM:
      return "the kernel or this process is out of memory for it; retry when load has gone down, "
             "or raise the memory limit";
    case EAGAIN:
      return "the kernel does it on a thread of its own, and can start none; raise 'ulimit -u', or "
             "pids.max of the control group";
    case ECANCELED:
      return "its scope was asked to stop, its time was up, or its socket was closed meanwhile";
    case EBADF:
      return "the socket was closed before; do not use it after close()";
    case EMSGSIZE:
      return "it is larger than one datagram can be (65,507 bytes over IPv4, less for a socket "
             "with "
             "a small send buffer); send it in parts";
    case EOVERFLOW:
      return "it is longer than the limit of its reader; raise the limit, or close the connection: "
             "the peer may not speak this protocol";
    case EDESTADDRREQ:
      return "the socket is not connected; connect it, or say to whom with send_to";
    case EISCONN:
      return "the socket is connected already; use another one for this peer";
    case ENOPROTOOPT:
    case EOPNOTSUPP:
      return "this kernel, or this kind of socket, does not have it; do without";
    case ENOTCONN:
      return "the connection has ended, or was never made";
    default:
      return nullptr;
  }
}

// The same for what was done with a file.
const char* cause_and_remedy_of_file(int code) noexcept {
  switch (code) {
    case ENOENT:
      return "the file, or a folder on the way to it, does not exist; make it before (O_CREAT "
             "makes "
             "the file), or check the path and the working directory";
    case EEXIST:
      return "something has that name already; remove it, choose another name, or open it without "
             "O_EXCL";
    case EACCES:
    case EPERM:
      return "this process may not; check owner and mode of the file and of the folders on the way "
             "('namei -l PATH'), and on a restricted ring that the operation is listed";
    case EISDIR:
      return "it is a folder; open a folder with O_DIRECTORY to sync it, and remove it with rmdir";
    case ENOTDIR:
      return "something on the way to it, or what should be a folder, is none; check the path";
    case ENOTEMPTY:
      return "the folder has entries; remove them before";
    case ENOSPC:
    case EDQUOT:
      return "the file system or the quota of this user is full; free some room ('df -h', 'df -i') "
             "and do it again";
    case EFBIG:
      return "the file would be longer than allowed; raise 'ulimit -f' or the limit that was "
             "given, "
             "or use a file system for longer files";
    case EOVERFLOW:
      return "there are more entries than the limit that was given; raise the limit";
    case EROFS:
      return "the file system is mounted read-only; remount it, or write elsewhere";
    case EXDEV:
      return "the two names are on different file systems; copy the file and remove the old one";
    case ELOOP:
      return "symbolic links go in circles, or O_NOFOLLOW met one";
    case ENAMETOOLONG:
      return "the path or a name in it is too long (4096 and 255 bytes)";
    case EINVAL:
      return "the kernel does not take these arguments for that file; with O_DIRECT address, "
             "length "
             "and offset are multiples of the block (see aligned_buffer), and no path has a zero "
             "byte in it";
    case EOPNOTSUPP:
      return "the file system cannot do that; do it another way or elsewhere";
    case ENODATA:
      return "the file ends before that many bytes";
    case ESPIPE:
      return "it is a pipe, a socket or a terminal, which has no such offsets";
    case EBUSY:
    case ETXTBSY:
      return "it is in use as a mount point, a working directory or a running program";
    case EIO:
      return "the device failed, and what was written may be lost; look at 'dmesg'";
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
    case EAGAIN:
      return cause_and_remedy_of_socket(code);
    case ECANCELED:
      return "its scope was asked to stop, its time was up, or the file was closed meanwhile; a "
             "write may be done in part";
    case EBADF:
      return "the file was closed before, or is not open for that (reading, writing)";
    default:
      return nullptr;
  }
}

const char* cause_and_remedy_of_signals(int code) noexcept {
  switch (code) {
    case EINVAL:
      return "one of them is no signal, or cannot be caught (SIGKILL, SIGSTOP); leave it out";
    case ECANCELED:
      return "its scope was asked to stop, its time was up, or the stream was closed meanwhile";
    default:
      return cause_and_remedy_of_file(code);
  }
}

const char* cause_and_remedy_of_futex(int code) noexcept {
  switch (code) {
    case EOPNOTSUPP:
      return "this kernel (before 6.7) cannot wait for it through the ring; wait with a thread of "
             "the program's own, and tell the core by an event_descriptor";
    case ECANCELED:
      return "its scope was asked to stop";
    default:
      return nullptr;
  }
}

const char* cause_and_remedy_of_process(int code) noexcept {
  switch (code) {
    case ENOENT:
      return "there is no such program in PATH, or at that path, or its working directory or the "
             "interpreter of the script does not exist";
    case EACCES:
      return "the file may not be executed, or a folder on the way to it may not be searched; "
             "check "
             "its mode ('chmod +x')";
    case ENOEXEC:
      return "the file is no program for this machine; name the interpreter as the program and the "
             "file as its argument";
    case E2BIG:
      return "arguments and environment are too long together ('getconf ARG_MAX'); pass them in a "
             "file or by the input";
    case EAGAIN:
      return "this user has too many processes; raise 'ulimit -u', or let some end before";
    case ECHILD:
      return "somebody else has taken its end: SIGCHLD is ignored, or something in this program "
             "waits for any child; neither is possible beside lull's processes";
    case ESRCH:
      return "it has ended already";
    case EPERM:
      return "this process may not signal it: it runs as another user";
    case EINVAL:
      return "a text among the options has a zero byte in it, or there is no such signal";
    case EFBIG:
      return "it has printed more than the limit that was given; raise the limit, or read its "
             "output from the pipes of start_process";
    case ECANCELED:
      return "its scope was asked to stop, or its time was up";
    default:
      return cause_and_remedy_of_file(code);
  }
}

const char* cause_and_remedy_of_pipe(int code) noexcept {
  switch (code) {
    case EPIPE:
      return "nobody reads from it any more; treat it as the end of the reader";
    case ENODATA:
      return "its writers ended it before that many bytes";
    case ECANCELED:
      return "its scope was asked to stop, its time was up, or it was closed meanwhile; it may be "
             "done in part";
    case EBADF:
      return "it was closed before; do not use it after close()";
    default:
      return cause_and_remedy_of_file(code);
  }
}

// Of what somebody else owns.
const char* cause_and_remedy_of_descriptor(int code) noexcept {
  switch (code) {
    case EBADF:
      return "it is not open, or was released before; do not wait for what its owner has closed";
    case ECANCELED:
      return "its scope was asked to stop, its time was up, or it was released or closed "
             "meanwhile";
    default:
      return cause_and_remedy_of_socket(code);
  }
}

}  // namespace

const char* detail::cause_and_remedy(const failure& of) noexcept {
  if (of.reason != nullptr) return of.reason;
  switch (of.of) {
    case failure::thing::peer:
      break;
    case failure::thing::path:
      return cause_and_remedy_of_file(of.code);
    case failure::thing::descriptor:
      return cause_and_remedy_of_descriptor(of.code);
    case failure::thing::signals:
      return cause_and_remedy_of_signals(of.code);
    case failure::thing::process:
      return cause_and_remedy_of_process(of.code);
    case failure::thing::futex:
      return cause_and_remedy_of_futex(of.code);
    case failure::thing::pipe:
    case failure::thing::event:
      return cause_and_remedy_of_pipe(of.code);
  }
  const char* const more = of.peer.is_unix() ? cause_and_remedy_of_unix_socket(of.code) : nullptr;
  return more != nullptr ? more : cause_and_remedy_of_socket(of.code);
}

}  // namespace lull
