import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@playwright/test'
import { Webhook as Verifier } from 'standardwebhooks'
import { closePages, openDashboard } from './support/pages.ts'
import { PASSWORD, type RunningServer, startServer } from './support/server.ts'

/** What was posted to somebody's program, and what it answers. */
const receiver = { status: 200, came: [] as { headers: Record<string, string>; body: string }[] }
const program = createServer(async (request, response) => {
  receiver.came.push({ headers: request.headers as Record<string, string>, body: Buffer.concat(await request.toArray()).toString() })
  response.writeHead(receiver.status).end()
})
let server: RunningServer
let url: string
test.beforeAll(async () => {
  program.listen(0, '127.0.0.1')
  await once(program, 'listening')
  url = `http://127.0.0.1:${(program.address() as AddressInfo).port}/porthole`
  server = await startServer({ config: { webhooks: { allow: ['127.0.0.1'] } } })
})
test.afterAll(async () => {
  await server.close()
  program.closeAllConnections()
  program.close()
})
test.afterEach(closePages)

test('an operator has a program told what happens, sees what came of it, and takes that back', async ({ browser }) => {
  await server.call('POST', '/cameras', { id: 'door', name: 'Front door', source: { kind: 'upload' } })
  await server.call('POST', '/users', { name: 'ada', role: 'operator', password: PASSWORD })
  await server.call('PUT', '/cameras/door/grants/ada')
  const signedIn = await fetch(`${server.url}/api/v1/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: 'ada', password: PASSWORD }),
  })
  const cookie = signedIn.headers.get('set-cookie')?.split(';', 1)[0] as string
  const page = await openDashboard(browser, { ...server, cookie }, '/settings/users')
  const dialog = page.getByRole('dialog')
  const button = (name: string | RegExp) => page.getByRole('button', { name })

  // What is owners' alone is not hers.
  await expect(page.getByRole('navigation').getByRole('link')).toHaveText(['You', 'Webhooks'])
  await page.getByRole('link', { name: 'Webhooks' }).click()
  await expect(page.getByText('No webhooks yet')).toBeVisible()
  await button('Add webhook').click()
  await dialog.getByLabel('Address').fill('http://10.0.0.1/')
  await dialog.getByLabel('Events').selectOption('These events')
  await dialog.getByRole('checkbox', { name: 'Camera changed' }).check()
  await dialog.getByRole('button', { name: 'Add webhook' }).click()
  await expect(dialog.getByText('Nothing can be posted to this address')).toBeVisible()
  await expect(dialog.getByLabel('Address')).toBeFocused()
  await dialog.getByLabel('Address').fill(url)
  await dialog.getByRole('button', { name: 'Add webhook' }).click()
  await expect(dialog.getByText('it is not shown again')).toBeVisible()
  const secret = await dialog.getByLabel('Secret').inputValue()
  await dialog.getByRole('button', { name: 'Send a test' }).click()
  await expect(dialog.getByText('The test was accepted: status 200')).toBeVisible()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(button('Add webhook')).toBeFocused()
  const [first] = receiver.came
  expect(new Verifier(secret).verify(first?.body ?? '', first?.headers ?? {})).toMatchObject({ type: 'test' })
  expect(await page.content()).not.toContain(secret)
  await expect(page.getByText('Camera changed of all cameras')).toBeVisible()
  await expect(page.getByText('Delivering')).toBeVisible()

  // A camera gets another name, and the program is told.
  await page.goto('/camera/door')
  await button('Menu of Front door').click()
  await page.getByRole('menuitem', { name: 'Rename' }).click()
  await dialog.getByLabel('Name').fill('Gate')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect.poll(() => receiver.came.length).toBe(2)
  await page.goto('/settings/webhooks')
  await page.getByRole('link', { name: url }).click()
  const rows = page.getByRole('region', { name: 'Deliveries' }).getByRole('listitem')
  await expect(rows).toContainText(['Camera changed · Gate', 'Test'])
  await expect(rows.first()).toContainText('delivered: status 200')

  // It breaks: that is seen, and what it missed is sent again.
  receiver.status = 500
  await button('Send a test').click()
  await expect(dialog.getByText('The test was not accepted: status 500')).toBeVisible()
  await dialog.getByRole('button', { name: 'Done' }).click()
  await expect(page.getByText('Failing since')).toBeVisible()
  await expect(rows.first()).toContainText('failed: status 500')
  receiver.status = 200
  await button(/^Send again: Test/)
    .first()
    .click()
  await expect(rows.first()).toContainText(/delivered: status 200 .* 2 attempts/)
  await expect(page.getByText('Delivering')).toBeVisible()

  await page.getByRole('switch', { name: `Deliver to ${url}` }).click()
  await expect(page.getByText('Switched off')).toBeVisible()
  await button(`Menu of ${url}`).click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.keyboard.press('Escape')
  await expect(button(`Menu of ${url}`)).toBeFocused()
  await page.keyboard.press('Enter')
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await dialog.getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('No webhooks yet')).toBeVisible()
})
