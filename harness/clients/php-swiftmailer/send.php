<?php
// Sends a message: send.php default|tls|no-verification HOST PORT HELO SENDER RECIPIENT
require_once '/usr/share/php/Egulias/EmailValidator/autoload.php';
require_once '/usr/share/php/Swift/swift_required.php';

[, $mode, $host, $port, $helo, $sender, $recipient] = $argv;
$transport = (new Swift_SmtpTransport($host, (int) $port))->setLocalDomain($helo)->setTimeout(15);
if ($mode !== 'default') $transport->setEncryption('tls');
if ($mode === 'no-verification') {
    $transport->setStreamOptions(['ssl' => ['verify_peer' => false, 'verify_peer_name' => false]]);
}
$message = (new Swift_Message('mxident'))->setFrom($sender)->setTo($recipient)
    ->setBody('A message of the mxident test harness.');
(new Swift_Mailer($transport))->send($message);
