import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { ConfigError } from '../base/errors.ts'

/**
 * A password that stands in no command line, where other users of the machine would see it: PORTHOLE_PASSWORD, else typed twice unseen,
 * else the first line of the input.
 * @throws ConfigError when there is none, or two that differ
 */
export async function readPassword(user: string): Promise<string> {
  const told = process.env.PORTHOLE_PASSWORD
  if (told) return told
  if (!process.stdin.isTTY) return (await line('')) || fail('the input has no password; say it in the first line')
  const password = await line(`New password of ${user}: `)
  if (password !== (await line('Again: '))) fail('the passwords differ')
  return password
}

function fail(text: string): never {
  throw new ConfigError(text)
}

function line(prompt: string): Promise<string> {
  process.stderr.write(prompt)
  const terminal = process.stdin.isTTY === true
  // What is typed goes nowhere.
  const unseen = new Writable({ write: (_chunk, _encoding, done) => done() })
  const reader = createInterface({ input: process.stdin, output: unseen, terminal })
  return new Promise((resolve, reject) => {
    reader.once('SIGINT', () => reject(new ConfigError('stopped')))
    let text = ''
    reader.once('line', (typed) => {
      text = typed
      reader.close()
    })
    reader.once('close', () => {
      if (terminal) process.stderr.write('\n')
      resolve(text)
    })
  })
}
