<?php
// Sends a message: send.php default|no-verify-peer HOST PORT HELO SENDER RECIPIENT
require_once '/usr/share/php/Symfony/Component/Mailer/autoload.php';

use Symfony\Component\Mailer\Mailer;
use Symfony\Component\Mailer\Transport;
use Symfony\Component\Mime\Email;

[, $mode, $host, $port, $helo, $sender, $recipient] = $argv;
$options = "local_domain=$helo" . ($mode === 'no-verify-peer' ? '&verify_peer=0' : '');
$mailer = new Mailer(Transport::fromDsn("smtp://$host:$port?$options"));
$mailer->send((new Email())->from($sender)->to($recipient)->subject('mxident')
    ->text('A message of the mxident test harness.'));
