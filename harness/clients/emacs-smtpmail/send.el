;; Sends a message: emacs --batch -Q -l send.el default|starttls|verify-error|security-low HOST PORT HELO SENDER RECIPIENT
;; The garbage of one message is not worth collecting: it took two fifths of the CPU time.
(setq gc-cons-threshold most-positive-fixnum)
(require 'smtpmail)
(require 'nsm)
(pcase-let ((`(,mode ,host ,port ,helo ,sender ,recipient) command-line-args-left))
  (setq command-line-args-left nil
        smtpmail-smtp-server host
        smtpmail-smtp-service (string-to-number port)
        smtpmail-local-domain nil
        smtpmail-sendto-domain nil
        system-name helo
        user-mail-address sender
        send-mail-function #'smtpmail-send-it
        nsm-settings-file (expand-file-name "nsm" (getenv "HOME")))
  (unless (equal mode "default") (setq smtpmail-stream-type 'starttls))
  (when (equal mode "verify-error") (setq gnutls-verify-error t))
  (when (equal mode "security-low") (setq network-security-level 'low))
  (with-temp-buffer
    (insert "From: " sender "\nTo: " recipient "\nSubject: mxident\n" mail-header-separator
            "\nA message of the mxident test harness.\n")
    (condition-case fault
        (smtpmail-send-it)
      (error (message "%s" (error-message-string fault)) (kill-emacs 1)))))
