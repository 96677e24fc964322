;; Worker (docs/workers.md): loads one Lisp program for one job after another -*- lexical-binding: t -*-
;; sh -c 'exec "$@" 3<&0 </dev/null' sh emacs --batch -Q -l worker.el PROGRAM FEATURE...
;; Jobs come on descriptor 3, through a process: all that Emacs reads by itself is standard input, and so may a program.
;; It has FEATURES loaded, which are to be all that a job loads: a job that loads another takes the worker with it.
;; What a fresh Emacs would not have is taken away after each job: connections, buffers, values of variables, passwords.
(defvar worker-token (getenv "MXIDENT_WORKER"))
(defvar worker-input "" "What came of the jobs and is not done yet.")
(defvar worker-values nil "What the variables were before the first job, by symbol.")
(defvar worker-buffers nil "The buffers that there were.")

(defun worker-tell (how number seconds) (message "\n%s %s %d %d" worker-token how number (* 1e6 seconds)))
(defun worker-cpu () (float-time (get-internal-run-time)))

(defun worker-close ()
  "Closes connections and buffers of the job, and runs nothing that would do or say something at that."
  (dolist (process (process-list))
    (unless (equal (process-name process) "worker-jobs")
      (set-process-sentinel process #'ignore)
      (delete-process process)))
  (dolist (buffer (buffer-list)) (unless (memq buffer worker-buffers) (kill-buffer buffer))))

(defun worker-end (&optional code)
  "Stands in for `kill-emacs': forms that a job wants run when it is left find everything closed, as by the end of a process."
  (worker-close)
  (throw 'worker-end (if (integerp code) (logand code 255) 0)))

(defun worker-run (program directory words)
  (setq process-environment (append (list (concat "HOME=" directory) (concat "TMPDIR=" directory)) process-environment)
        temporary-file-directory (file-name-as-directory directory)
        default-directory temporary-file-directory
        command-line-args-left words)
  (catch 'worker-end
    (condition-case fault (load program nil t)
      (error (message "%s" (error-message-string fault)) (worker-end -1)))
    (worker-end 0)))

(defun worker-forget ()
  (dolist (entry worker-values)
    (unless (eq (default-value (car entry)) (cdr entry)) (set-default (car entry) (cdr entry))))
  (clrhash password-data))

(defun worker-next (jobs)
  "Returns the next line, or nil at the end."
  (while (not (string-search "\n" worker-input))
    (unless (or (accept-process-output jobs) (process-live-p jobs)) (setq worker-input "\n")))
  (let ((end (string-search "\n" worker-input)))
    (prog1 (and (> end 0) (substring worker-input 0 end))
      (setq worker-input (substring worker-input (1+ end))))))

(setenv "MXIDENT_WORKER")
(setq gc-cons-threshold (ash 1 26)  ; bytes: a collection every few jobs
      comp-enable-subr-trampolines nil)  ; what ends Emacs is Lisp that is not compiled
(let ((program (pop command-line-args-left))
      (jobs (make-process :name "worker-jobs" :command '("sh" "-c" "exec cat <&3") :connection-type 'pipe :noquery t
                          :filter (lambda (_ text) (setq worker-input (concat worker-input text)))))
      (exit (symbol-function 'kill-emacs))
      job before code)
  (while command-line-args-left (require (intern (pop command-line-args-left))))
  (setq worker-buffers (buffer-list))
  (mapatoms (lambda (it) (when (and (default-boundp it) (not (string-prefix-p "worker-" (symbol-name it))))
                           (push (cons it (default-value it)) worker-values))))
  (worker-tell "ready" 0 0)
  (while (setq job (worker-next jobs))
    (setq job (split-string job "\t")
          before (worker-cpu))
    (fset 'kill-emacs #'worker-end)
    (setq code (worker-run program (car job) (cdr job)))
    (fset 'kill-emacs exit)
    (unless (eq features (alist-get 'features worker-values)) (kill-emacs code))
    (worker-forget)
    (worker-tell "exit" code (- (worker-cpu) before))))
