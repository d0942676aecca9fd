# Runs a method and stays while anything that it started lives. Linux gives a process's orphans to the nearest
# ancestor that asked for them; this asks, so it sees every daemon of a service end, and how.
# Called with the method's words; writes to descriptor 3: "started PID", then "ended PID STATUS" for each, as wait(2)
# codes the status. Needs nothing beyond perl-base.
use strict;
use warnings;
use Fcntl qw(F_SETFD FD_CLOEXEC);
use POSIX ();

my $PR_SET_CHILD_SUBREAPER = 36;
my %prctl = (
    x86_64 => 157, aarch64 => 167, riscv64 => 167, loongarch64 => 167, ppc64le => 171,
    s390x => 172, i686 => 172, armv7l => 172,
);
my $number = $prctl{ (POSIX::uname())[4] };
syscall($number, $PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) if defined $number;

open(my $events, '>&=', 3) or exit 127;
fcntl($events, F_SETFD, FD_CLOEXEC) or exit 127;
$SIG{PIPE} = 'IGNORE';

my $pid = fork();
exit 127 unless defined $pid;
if ($pid == 0) {
    $SIG{PIPE} = 'DEFAULT';
    { no warnings 'exec'; exec { $ARGV[0] } @ARGV; }
    POSIX::_exit(127);
}
# The log belongs to the method and its children.
open(STDOUT, '>', '/dev/null');
open(STDERR, '>', '/dev/null');
$0 = 'svc.startd: contract';
syswrite($events, "started $pid\n");
while ((my $dead = waitpid(-1, 0)) > 0) {
    syswrite($events, "ended $dead $?\n");
}
