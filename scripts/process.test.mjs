import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, it } from 'vitest'
import { bench, firstSentence } from './bench.mjs'
import { portOf } from './dev.mjs'
import { Failure, run, runQuietly } from './process.mjs'
import { commandLine } from './start.mjs'

it('gives the exit code of what it ran', async () => {
  expect(await run(process.execPath, ['-e', 'process.exit(7)'])).toBe(7)
})

it('shows the output of a quiet command only when it fails', async () => {
  await runQuietly('Something', process.execPath, ['-e', 'console.log("noise")'])
  const failing = runQuietly('Something', process.execPath, ['-e', 'console.log("out"); console.error("err"); process.exit(3)'])
  await expect(failing).rejects.toThrow(/out\nerr\n\nSomething failed \(exit code 3\)/)
  await expect(failing).rejects.toBeInstanceOf(Failure)
})

it('says when a program cannot be started', async () => {
  await expect(run('/nowhere/program', [])).rejects.toThrow('/nowhere/program cannot be started')
})

it.skipIf(process.platform === 'win32')('passes a signal on to what it runs, waits for its end, and ends as by that signal', async () => {
  const child =
    "process.on('SIGTERM', () => { console.log('child ended'); process.exit(0) }); console.log('child runs'); setInterval(() => {}, 1000)"
  const parent = `import { run } from ${JSON.stringify(path.join(import.meta.dirname, 'process.mjs'))}
    await run(process.execPath, ['-e', ${JSON.stringify(child)}])
    console.log('next step')`
  const started = spawn(process.execPath, ['--input-type=module', '-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  started.stdout.setEncoding('utf8').on('data', (text) => {
    output += text
    if (output === 'child runs\n') started.kill('SIGTERM')
  })
  const [code] = await once(started, 'close')
  expect(output).toBe('child runs\nchild ended\n')
  expect(code).toBe(128 + 15)
})

it('serves with the demo camera unless a subcommand is named', () => {
  expect(commandLine([])).toEqual(['serve', '--demo'])
  expect(commandLine(['--port', '9000'])).toEqual(['serve', '--demo', '--port', '9000'])
  expect(commandLine(['user', 'list'])).toEqual(['user', 'list'])
})

it('finds the port that the server will listen on', () => {
  expect(portOf([])).toBeUndefined()
  expect(portOf(['9000'])).toBeUndefined()
  expect(portOf(['--lan', '--port', '9000'])).toBe('9000')
  expect(portOf(['--port=9000'])).toBe('9000')
})

it('describes a benchmark by the first sentence of its comment, and knows no other names', async () => {
  expect(firstSentence('/**\n * Glass to glass,\n * over 0.5 s. More.\n */\nrun()')).toBe('Glass to glass, over 0.5 s.')
  expect(firstSentence('// One line\n// or two\nrun()')).toBe('One line or two')
  expect(firstSentence("import 'x'")).toBe('')
  await expect(bench(['../scripts/run'])).rejects.toThrow('There is no benchmark ../scripts/run')
})
