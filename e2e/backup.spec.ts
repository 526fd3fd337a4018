import { readFileSync } from 'node:fs'
import { expect, test } from '@playwright/test'
import { closePages, openDashboard } from './support/pages.ts'
import { PASSWORD, type RunningServer, startServer } from './support/server.ts'

let server: RunningServer
let other: RunningServer
test.beforeAll(async () => {
  const started = await Promise.all([startServer(), startServer()])
  server = started[0]
  other = started[1]
})
test.afterAll(async () => {
  await server.close()
  await other.close()
})
test.afterEach(closePages)

test('settings go as a file from one server to another, once it was seen what they change there', async ({ browser }) => {
  await server.call('POST', '/users', { name: 'ada', role: 'operator', password: PASSWORD })
  for (const [id, name] of [
    ['door', 'Front door'],
    ['attic', 'Attic'],
  ])
    await server.call('POST', '/cameras', { id, name, source: { kind: 'upload' } })
  await server.call('PUT', '/cameras/door/grants/ada')
  await other.call('POST', '/cameras', { id: 'door', name: 'Door', source: { kind: 'upload' } })
  await other.call('POST', '/cameras', { id: 'attic', name: 'Attic', source: { kind: 'browser' } })

  const page = await openDashboard(browser, server, '/settings')
  await page.getByRole('link', { name: 'Backup' }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download settings' }).click()])
  expect(download.suggestedFilename()).toMatch(/^porthole \d{4}-\d\d-\d\d\.json$/)
  const file = await download.path()
  const text = readFileSync(file, 'utf8')
  expect(JSON.parse(text)).toMatchObject({ porthole: 1, users: [{ name: 'owner' }, { name: 'ada' }], cameras: [{ grants: ['ada'] }, {}] })
  expect(text).not.toContain(PASSWORD)

  const there = await openDashboard(browser, other, '/settings/backup')
  const chosen = there.getByLabel('File with settings')
  await chosen.setInputFiles({ name: 'page.html', mimeType: 'text/html', buffer: Buffer.from('<html>') })
  await expect(there.getByText('This file is no JSON')).toBeVisible()
  await chosen.setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"porthole":2}') })
  await expect(there.getByText('This is no file of settings')).toBeVisible()
  await chosen.setInputFiles(file)
  await expect(there.getByText('3 changes would be made. 1 entry is so already.')).toBeVisible()
  const group = (title: string) => there.locator('section', { has: there.getByRole('heading', { name: title, exact: true }) }).last()
  await expect(group('2 to be made').getByRole('listitem')).toContainText(['User ada', 'Access to door'])
  await expect(group('1 to be changed')).toContainText('name: Door → Front door')
  await expect(group('1 conflict, left as it is')).toContainText('is fed by browser, not by upload')

  // Somebody is faster: what was seen is not what would be done.
  await other.call('PATCH', '/cameras/door', { name: 'Gate' })
  await there.getByRole('button', { name: 'Apply' }).click()
  await expect(there.getByText('Meanwhile something changed here')).toBeVisible()
  await expect(group('1 to be changed')).toContainText('name: Gate → Front door')
  await there.getByRole('button', { name: 'Apply' }).click()
  await expect(there.getByText('Done: 3 changes were made.')).toBeVisible()
  // The keyboard goes on where it was.
  await expect(there.getByRole('heading', { name: 'Restore' })).toBeFocused()
  expect(await other.call('GET', '/cameras/door')).toMatchObject({ name: 'Front door' })
  expect(await other.call('GET', '/cameras/door/grants')).toMatchObject({ users: ['ada'] })
  await there.getByRole('button', { name: 'Close' }).click()
  await expect(there.getByText('Done:')).toHaveCount(0)
  await there.getByRole('link', { name: 'Activity' }).click()
  await expect(there.getByText('owner restored settings from a file')).toBeVisible()
})
