// An app that has the bell on its pages: it serves them under a strict policy, hands out tokens, and
// stands before the server like any reverse proxy.
import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { extname, join } from 'node:path';

const pages = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../pages');
const types = /** @type {Record<string, string>} */ ({
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8',
});

export class Host {
  /** What becomes of streams: they pass, are refused, are held back until they end, or end at once. @type {'pass' | 'refuse' | 'hold' | 'break'} */
  streams = 'pass';
  /** What becomes of everything else below `/app/messages`. @type {'pass' | 'refuse' | 'wait'} */
  inbox = 'pass';
  /** How many streams were asked for, and how many tokens. */
  asked = { streams: 0, tokens: 0 };
  /** Requests that passed, the newest last. @type {string[]} */
  passed = [];

  /**
   * @param {import('./server.js').Server} server
   * @param {{ token?: (user: string) => Promise<string>, connect?: string }} [how] `connect` is another origin that pages may speak to
   */
  static async start(server, how = {}) {
    const host = new Host();
    host.server = server;
    host.how = how;
    host.http = createServer((incoming, outgoing) => {
      void host.#answer(incoming, outgoing).catch((error) => {
        outgoing.statusCode = 500;
        outgoing.end(String(error));
      });
    });
    await new Promise((done) => host.http?.listen(0, '127.0.0.1', () => done(undefined)));
    const address = /** @type {import('node:net').AddressInfo} */ (host.http.address());
    host.url = `http://127.0.0.1:${address.port}`;
    return host;
  }

  url = '';
  /** @type {import('./server.js').Server | undefined} */
  server;
  /** @type {{ token?: (user: string) => Promise<string>, connect?: string }} */
  how = {};
  /** @type {import('node:http').Server | undefined} */
  http;

  async close() {
    this.http?.closeAllConnections();
    await new Promise((done) => this.http?.close(done));
  }

  /** @param {import('node:http').IncomingMessage} incoming @param {import('node:http').ServerResponse} outgoing */
  async #answer(incoming, outgoing) {
    const { pathname } = new URL(incoming.url ?? '/', this.url);
    if (pathname.startsWith('/app/messages/')) return this.#pass(incoming, outgoing);
    const user = /(?:^|; )user=([^;]+)/.exec(incoming.headers.cookie ?? '')?.[1] ?? 'alice';
    if (pathname === '/token') {
      this.asked.tokens += 1;
      return outgoing.end(await this.how.token?.(user));
    }
    const file = pathname.slice(1);
    const content = await readFile(join(pages, file)).catch(() => null);
    outgoing.statusCode = content ? 200 : 404;
    outgoing.setHeader('Content-Type', types[extname(file)] ?? 'text/plain');
    const from = this.how.connect ? ` ${this.how.connect}` : '';
    outgoing.setHeader('Content-Security-Policy',
      `default-src 'self'; script-src 'self'${from}; connect-src 'self'${from}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`);
    return outgoing.end(content ?? `no ${file}`);
  }

  /**
   * To the server, which is below another path there. Who is signed in here is told in a header.
   * @param {import('node:http').IncomingMessage} incoming
   * @param {import('node:http').ServerResponse} outgoing
   */
  async #pass(incoming, outgoing) {
    const path = (incoming.url ?? '').replace('/app/messages/', '/v1/');
    const isStream = path.startsWith('/v1/inbox/stream');
    const isBell = path.startsWith('/v1/bell/');
    const fate = isBell ? 'pass' : isStream ? this.streams : this.inbox;
    if (isStream) this.asked.streams += 1;
    if (fate === 'refuse') {
      outgoing.statusCode = isStream ? 501 : 503;
      return void outgoing.end();
    }
    if (fate === 'wait') return;
    this.passed.push(`${incoming.method} ${path}`);
    const { cookie, ...headers } = incoming.headers;
    const user = /(?:^|; )user=([^;]+)/.exec(cookie ?? '')?.[1];
    if (user && !headers.authorization) headers['x-user'] = user;
    const onward = request(`${this.server?.url}${path}`, { method: incoming.method, headers }, (answer) => {
      if (fate === 'break') {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.once('data', (chunk) => {
          outgoing.end(chunk);
          answer.destroy();
        });
        return;
      }
      if (fate === 'hold') return void answer.resume();
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => outgoing.destroy());
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    outgoing.on('close', () => onward.destroy());
    incoming.pipe(onward);
  }
}
