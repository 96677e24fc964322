#lang racket/base
; Sends the message of standard input: send.rkt default|tls-encode|secure HOST PORT HELO SENDER RECIPIENT
(require racket/port net/smtp openssl)

(define-values (mode host port helo sender recipient) (vector->values (current-command-line-arguments)))
(define (secure in out #:mode connect-or-accept #:encrypt encrypt #:close-original? close?)
  (ports->ssl-ports in out #:mode connect-or-accept #:context (ssl-secure-client-context) #:hostname host #:close-original? close?))
(smtp-send-message host sender (list recipient) "Subject: mxident\r\n\r\n" (port->lines)
                   #:port-no (string->number port)
                   #:tls-encode (cond [(equal? mode "default") #f] [(equal? mode "secure") secure] [else ports->ssl-ports]))
