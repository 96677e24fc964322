<?php
// Sends a message: send.php default|starttls|no-verification|no-tls HOST PORT HELO SENDER RECIPIENT [implicit]
require_once '/usr/share/php/libphp-phpmailer/autoload.php';

[, $mode, $host, $port, $helo, $sender, $recipient] = $argv;
$mail = new PHPMailer\PHPMailer\PHPMailer(true);
$mail->isSMTP();
$mail->Host = $host;
$mail->Port = (int) $port;
$mail->Helo = $helo;
$mail->Timeout = 15;
$mail->SMTPDebug = PHPMailer\PHPMailer\SMTP::DEBUG_CONNECTION;
if ($mode === 'starttls' || $mode === 'no-verification') {
    $mail->SMTPSecure = PHPMailer\PHPMailer\PHPMailer::ENCRYPTION_STARTTLS;
}
if (isset($argv[7])) $mail->SMTPSecure = PHPMailer\PHPMailer\PHPMailer::ENCRYPTION_SMTPS;
if ($mode === 'no-tls') $mail->SMTPAutoTLS = false;
if ($mode === 'no-verification') {
    $mail->SMTPOptions = ['ssl' => ['verify_peer' => false, 'verify_peer_name' => false, 'allow_self_signed' => true]];
}
$mail->setFrom($sender, '', false);
PHPMailer\PHPMailer\PHPMailer::$validator = 'noregex';
$mail->addAddress($recipient);
$mail->Subject = 'mxident';
$mail->Body = 'A message of the mxident test harness.';
$mail->send();
