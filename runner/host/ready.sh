#!/bin/sh
# Whether a service answers. Called by the supervisors' scripts, again and again until it does.
# Usage: ready.sh                          always so
#        ready.sh port ADDRESS PORT        a connection is accepted
#        ready.sh socket PATH              a connection to this socket of the file system is accepted
#        ready.sh http ADDRESS PORT PATH   a GET has an answer below 400
#        ready.sh command WORD...          the command succeeds
#        ready.sh what ...                 prints what is waited for, for a message
# Exit 0 yes, 1 no. Without perl a port counts that somebody listens on, and a socket that is there.
# Services that await something have it of their own (services/awaiting.ts).
# Runs under dash, ksh88, ksh93, busybox sh and the Bourne shell.

# Solaris writes address.port, others address:port.
listens() {
  netstat -an | grep "[.:]$1 .*LISTEN" >/dev/null
}

case $1 in
what)
  shift
  case $1 in
  port) echo "accept connections on $2:$3" ;;
  socket) echo "accept connections on $2" ;;
  http) echo "answer http://$2:$3$4" ;;
  command)
    shift
    echo "pass its test: $*"
    ;;
  esac
  ;;
'') exit 0 ;;
port)
  if perl -e 1 2>/dev/null; then
    perl -MIO::Socket::INET -e 'exit !IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Timeout => 2)' "$2" "$3"
  else
    listens "$3"
  fi
  ;;
socket)
  if perl -e 1 2>/dev/null; then
    perl -MIO::Socket::UNIX -e 'exit !IO::Socket::UNIX->new(Peer => $ARGV[0])' "$2"
  else
    [ -S "$2" ]
  fi
  ;;
http)
  if perl -e 1 2>/dev/null; then
    # An answer that never comes ends with the alarm.
    # shellcheck disable=SC2016 # perl's variables
    perl -MIO::Socket::INET -e 'my ($address, $port, $path) = @ARGV;
      alarm 10;
      my $line = IO::Socket::INET->new(PeerAddr => $address, PeerPort => $port, Timeout => 2) or exit 1;
      print $line "GET $path HTTP/1.0\r\nHost: $address\r\n\r\n";
      exit !(<$line> =~ m{^HTTP/\S+ [123]\d\d})' "$2" "$3" "$4"
  else
    listens "$3"
  fi
  ;;
command)
  shift
  "$@" >/dev/null 2>&1 </dev/null
  ;;
*)
  echo "ready.sh: unknown kind $1" >&2
  exit 1
  ;;
esac
