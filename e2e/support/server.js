// The real binary, in a folder of its own that goes when the test ends.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const root = resolve(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../..');
const target = process.env.CARGO_TARGET_DIR ?? join(root, 'target');
const binary = process.env.RESTANTE_BINARY ?? programs('restante');

/** Where a program of this project was built. @param {string} name */
export function programs(name) {
  return join(target, 'debug', name);
}

/** What the binary sees of the environment: nothing of the settings of whoever runs the tests. */
const environment = Object.fromEntries(
  Object.entries({ ...process.env, TZ: 'UTC' }).filter(([name]) => !name.startsWith('RESTANTE_')),
);

/** A port that is free now, for a server that is to come back at the same address. */
export async function freePort() {
  const server = createServer();
  await new Promise((done) => server.listen(0, '127.0.0.1', () => done(undefined)));
  const address = server.address();
  await new Promise((done) => server.close(done));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}

/** A folder with a database, the command line on it, and servers that serve it. */
export class Sandbox {
  /** @type {Set<Server>} */
  #servers = new Set();

  /** @param {string} folder @param {string} database */
  constructor(folder, database) {
    this.folder = folder;
    this.database = database;
  }

  /** @param {string} [database] a database URL; an SQLite file in the folder unless told otherwise */
  static async create(database) {
    const folder = await mkdtemp(join(tmpdir(), 'restante-e2e-'));
    return new Sandbox(folder, database ?? `sqlite:${join(folder, 'restante.db')}`);
  }

  /**
   * Runs a verb of the command line and gives what it prints as JSON.
   * @param {...string} verb
   * @returns {Promise<any>}
   */
  async run(...verb) {
    const [name = '', ...rest] = verb;
    const all = [name, '--database', this.database, '--json', ...rest];
    const { stdout } = await promisify(execFile)(binary, all, {
      cwd: this.folder, env: environment, maxBuffer: 1 << 28,
    });
    return stdout === '' ? undefined : JSON.parse(stdout);
  }

  /**
   * Leaves a message.
   * @param {string} user `*` is everyone
   * @param {string} text
   * @param {...string} options such as `--level`, `error`
   */
  send(user, text, ...options) {
    const to = user === '*' ? ['--everyone'] : ['--to', user];
    return this.run('send', ...to, ...options, '--', text);
  }

  /** A token for a user's browser. @param {string} user @param {string} [ttl] */
  async token(user, ttl = '1h') {
    return (await this.run('token', user, '--ttl', ttl)).token;
  }

  /** An API key. @param {...string} scopes @returns {Promise<string>} */
  async key(...scopes) {
    // `key create` is two words: the options go behind both.
    const all = ['key', 'create', '--database', this.database, '--json', '--name', 'test'];
    for (const scope of scopes) all.push('--scope', scope);
    const { stdout } = await promisify(execFile)(binary, all, { cwd: this.folder, env: environment });
    return JSON.parse(stdout).key;
  }

  /** A server on a port. @param {{ port?: number, options?: string[] }} [how] */
  async serve({ port = 0, options = [] } = {}) {
    const all = ['serve', '--database', this.database, '--listen', `127.0.0.1:${port}`, ...options];
    const server = await Server.start(all, this.folder);
    this.#servers.add(server);
    return server;
  }

  async close() {
    for (const server of this.#servers) await server.kill();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** A running server. */
export class Server {
  /** @param {import('node:child_process').ChildProcess} child @param {string} url @param {string[]} lines */
  constructor(child, url, lines) {
    this.child = child;
    this.url = url;
    /** What it has printed so far. */
    this.lines = lines;
  }

  /**
   * @param {string[]} all its arguments
   * @param {string} cwd
   * @param {string} [program] another one than `restante`
   * @returns {Promise<Server>}
   */
  static start(all, cwd, program = binary) {
    const child = spawn(program, all, { cwd, env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {string[]} */
    const lines = [];
    return new Promise((started, failed) => {
      child.once('error', failed);
      child.once('exit', () => failed(new Error(`the server ended: ${lines.join('\n')}`)));
      /** @param {string} line */
      const hear = (line) => {
        lines.push(line);
        const url = /https?:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
        if (url) started(new Server(child, url, lines));
      };
      createInterface({ input: /** @type {any} */ (child.stdout) }).on('line', hear);
      createInterface({ input: /** @type {any} */ (child.stderr) }).on('line', hear);
    });
  }

  /** Kills it without a chance to say goodbye. @param {NodeJS.Signals} [signal] */
  async kill(signal = 'SIGKILL') {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = new Promise((done) => this.child.once('exit', done));
    this.child.kill(signal);
    await ended;
  }

  /**
   * Asks its JSON.
   * @param {string} path
   * @param {{ token?: string, method?: string, body?: any }} [how]
   */
  async ask(path, { token, method = 'GET', body } = {}) {
    /** @type {Record<string, string>} */
    const headers = {};
    if (token) headers.authorization = `Bearer ${token}`;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const sent = body === undefined ? null : JSON.stringify(body);
    const answer = await fetch(this.url + path, { method, headers, body: sent });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  /** A one-use link that signs a browser in. @param {string} user @param {string} key */
  async signInLink(user, key) {
    const path = `/v1/users/${encodeURIComponent(user)}/tickets`;
    const { ticket } = await this.ask(path, { method: 'POST', token: key });
    return `${this.url}/login?ticket=${encodeURIComponent(ticket)}`;
  }
}
