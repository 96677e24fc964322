'use strict';
// Relays for everybody, and says in the log for whom each delivery was. With HARAKA_FORCE_TLS each domain is put among the
// hosts that must have TLS before mail goes there; an administrator would have written it into tls.ini.

exports.hook_rcpt = function (next, connection) {
  connection.relaying = true;
  next(OK);
};

exports.hook_get_mx = function (next, hmail, domain) {
  if (process.env.HARAKA_FORCE_TLS) this.haraka_require('outbound/tls').cfg.force_tls_hosts.push(domain);
  next();
};

const ended = (word) => (next, hmail, how) => {
  for (const recipient of hmail.todo.rcpt_to) hmail.lognotice(`${word} to=${recipient.address()} ${how?.err ?? how}`);
  next(word === 'bounced' ? OK : undefined); // and no notice to the sender
};
exports.hook_delivered = ended('sent');
exports.hook_deferred = ended('deferred');
exports.hook_bounce = ended('bounced');
