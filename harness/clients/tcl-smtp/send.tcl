# Sends the message of standard input: send.tcl default|no-tls HOST PORT HELO SENDER RECIPIENT
package require smtp
if {$argc == 0} {
    puts [package present smtp]
    exit
}
lassign $argv mode host port helo sender recipient
set token [mime::initialize -canonical text/plain -string [read stdin]]
smtp::sendmessage $token -servers [list $host] -ports $port -client $helo -usetls [expr {$mode ne "no-tls"}] \
    -originator $sender -recipients $recipient -header [list Subject mxident]
