import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { expect, test } from '@playwright/test'
import { type RunningServer, startServer } from './support/server.ts'

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const picture = at('../docs/images/portal-phone.jpg')

let server: RunningServer
let key: string
/** In the package, so that what stands there finds `porthole/client`. */
let folder: string
test.beforeAll(async () => {
  server = await startServer()
  key = ((await server.call('POST', '/keys', { name: 'Programs' })) as { key: string }).key
  mkdirSync(at('results'), { recursive: true })
  folder = mkdtempSync(at('results/api-'))
  copyFileSync(picture, join(folder, 'picture.jpg'))
})
test.afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

/** Runs a program in the folder. @returns what it printed */
async function run(command: readonly string[], input = ''): Promise<string> {
  const env = { ...process.env, PORTHOLE_URL: server.url, PORTHOLE_KEY: key }
  const child = spawn(command[0] as string, command.slice(1), { cwd: folder, env, stdio: 'pipe' })
  let [out, error] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    error += text
  })
  child.stdin.end(input)
  const [status] = await once(child, 'close')
  expect(status, error).toBe(0)
  return out
}

/** A code block of docs/api.md. */
function example(language: string): string {
  const [, code] = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\n\`\`\``).exec(readFileSync(at('../docs/api.md'), 'utf8')) ?? []
  if (code === undefined) throw new Error(`docs/api.md has no ${language}`)
  return code
}

test('what the docs say in curl makes a camera, shows a picture on it, and hears that it is live', async () => {
  const out = await run(['sh', '-e'], example('sh'))
  expect(out).toContain('"width":390')
  expect(out).toMatch(/"state":"live"[\s\S]+data: \{"type":"event".*"kind":"camera.status".*"state":"live"/)
})

test('what the docs say in Python does', async () => {
  expect(await run(['python3', '-'], example('python'))).toMatch(/^\S+Z live$/m)
})

test('what the docs say in TypeScript does, by the client that the package exports', async () => {
  writeFileSync(join(folder, 'example.ts'), example('ts'))
  expect(await run([process.execPath, '--import', 'tsx', 'example.ts'])).toMatch(/^\S+Z live$/m)
})

test('a client that is generated from the OpenAPI document does', async () => {
  const headers = { authorization: `Bearer ${key}` }
  const document = await (await fetch(`${server.url}/api/v1/openapi.json`, { headers })).text()
  writeFileSync(join(folder, 'openapi.json'), document)
  await run([process.execPath, at('../node_modules/oazapfts/dist/cli.js'), 'openapi.json', 'generated.ts'])
  const generated = await import(pathToFileURL(join(folder, 'generated.ts')).href)
  Object.assign(generated.defaults, { headers })
  expect(generated.defaults.baseUrl).toBe(server.url)
  const made = await generated.cameraCreate({ name: 'Generated', source: { kind: 'upload' } })
  expect(made).toMatchObject({ status: 201, data: { id: 'generated' } })
  const shown = await generated.cameraUpload('generated', new Blob([readFileSync(picture)], { type: 'image/jpeg' }))
  expect(shown).toMatchObject({ status: 201, data: { width: 390 } })
  await expect.poll(async () => (await generated.cameraStatus('generated')).data).toMatchObject({ id: 'generated', state: 'live' })
  await expect
    .poll(async () => (await generated.eventList({ camera: ['generated'], kind: ['camera.status'] })).data)
    .toMatchObject({ events: [{ camera: 'generated', payload: { state: 'live' } }], next: null })
  expect(await generated.cameraGet('nobody')).toMatchObject({ status: 404, data: { code: 'camera.unknown' } })
})
