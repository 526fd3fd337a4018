// @ts-nocheck: other people's clients, which are not installed where types are checked.

/** Milliseconds that a script may take. */
const LIMIT_MS = 25_000
setTimeout(() => {
  console.error('the script took too long')
  process.exit(1)
}, LIMIT_MS).unref()

/** wampy's MessagePack reads integers of 64 bits as bigint. */
const plain = (_key, value) => (typeof value === 'bigint' ? Number(value) : value)

/** A fact, for the test that reads them. */
export const tell = (fact, value = true) => console.log(JSON.stringify({ fact, value }, plain))

/** What a handler was called with, and a way to wait for more of it. */
export class Heard extends Array {
  #more = () => {}

  add(value) {
    this.push(value)
    this.#more()
  }

  async first(count) {
    while (this.length < count) await new Promise((resolve) => (this.#more = resolve))
    return [...this].slice(0, count)
  }
}

/** The error, as `{uri, args, kwargs}`, that a call ends with. */
export async function errorOf(call) {
  try {
    await call
  } catch (error) {
    if (error.uri) return error
    throw error
  }
  throw new Error('no error came')
}

/** What a handler throws to answer with an error of its own. */
export class Failing extends Error {
  constructor(uri, args, kwargs) {
    super(uri)
    Object.assign(this, { uri, args, kwargs })
  }
}

/** @returns {Promise<typeof import('./wampy.mjs')>} the client that the command line names */
export const client = () => import(`./${process.argv[2]}.mjs`)
