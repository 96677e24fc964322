# Worker (docs/workers.md): runs one Perl program for one job after another, each in a fork that has MODULES loaded:
# perl -I. -mMODULE... -mWorker PROGRAM, or with PERL5LIB=. and PERL5OPT='-mMODULE... -mWorker' what starts perl
# A child returns from this file and goes on to PROGRAM, as any interpreter does that was told to use a module.
package Worker;
use strict;
use warnings;
use POSIX ();

sub cpu { my @times = times; return $times[2] + $times[3] }

# Perl holds PROGRAM open and shares the place in it with all children, each of which reads it to its end.
sub rewind_program {
    my $program = join ':', (stat $0)[0, 1];
    for (glob '/proc/self/fd/*') { POSIX::lseek(m{(\d+)$}, 0, POSIX::SEEK_SET) if $program eq join ':', (stat)[0, 1] }
}

shift @INC;    # the -I, or PERL5LIB
delete @ENV{qw(PERL5LIB PERL5OPT)};    # tell an interpreter that somebody else starts of this file
my $token = delete $ENV{MXIDENT_WORKER};
open my $jobs, '<&', \*STDIN or die "standard input: $!\n";
syswrite STDOUT, "\n$token ready 0 0\n";
while (1) {
    my $job    = <$jobs> // exit 0;
    my $before = cpu();
    my $child  = fork    // die "fork: $!\n";
    if (!$child) {
        close $jobs;
        chomp $job;
        (my $directory, @ARGV) = split /\t/, $job, -1;
        open STDIN, '<', "$directory.in" or die "$directory.in: $!\n";
        chdir $directory                 or die "$directory: $!\n";
        @ENV{qw(HOME TMPDIR)} = ($directory) x 2;
        rewind_program();
        last;
    }
    waitpid $child, 0;
    my ($how, $number) = $? & 127 ? ('signal', $? & 127) : ('exit', $? >> 8);
    syswrite STDOUT, sprintf "\n%s %s %d %.0f\n", $token, $how, $number, (cpu() - $before) * 1e6;
}
1;
