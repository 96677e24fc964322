'use strict';
// Relays for everybody, and says in the log for whom each delivery was. With HARAKA_FORCE_TLS each domain is put among the
// hosts that must have TLS before mail goes there; an administrator would have written it into tls.ini. With HARAKA_TLS_NO_GO the
// hosts where TLS has failed are remembered, in a map in place of the Redis that it wants for that.

exports.hook_rcpt = function (next, connection) {
  connection.relaying = true;
  next(OK);
};

exports.hook_get_mx = function (next, hmail, domain) {
  const tls = this.haraka_require('outbound/tls');
  if (process.env.HARAKA_FORCE_TLS) tls.cfg.force_tls_hosts.push(domain);
  if (process.env.HARAKA_TLS_NO_GO) {
    tls.cfg.redis.disable_for_failed_hosts = true;
    tls.db = remembered;
  }
  next();
};

const hosts = new Map();
const remembered = { get: async (key) => hosts.get(key), setEx: async (key, seconds, value) => hosts.set(key, value) };

const ended = (word) => (next, hmail, how) => {
  const said = how?.delay < 60 ? 'waits' : word;
  for (const recipient of hmail.todo.rcpt_to) hmail.lognotice(`${said} to=${recipient.address()} ${how?.err ?? how}`);
  next(word === 'bounced' ? OK : undefined); // and no notice to the sender
};
exports.hook_delivered = ended('sent');
exports.hook_deferred = ended('deferred');
exports.hook_bounce = ended('bounced');
