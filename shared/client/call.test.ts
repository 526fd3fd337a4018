import { describe, expect, it } from 'vitest'
import { pathParameters } from '../contract/define.ts'
import { procedures } from '../contract/index.ts'
import { requestOf } from '../contract/request.ts'
import { ApiError, createCall, NetworkError } from './call.ts'

const answer = (status: number, body: unknown, type = 'application/json') =>
  new Response(body === null ? null : JSON.stringify(body), { status, headers: { 'content-type': type } })

function recording(response: () => Response | Promise<Response>) {
  const requests: { url: string; init: RequestInit }[] = []
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    requests.push({ url: String(url), init })
    return response()
  }
  return { requests, fetch: fetch as typeof globalThis.fetch }
}

describe('requests are derived from the contract', () => {
  it('puts into the path what it names, and the rest into the body', async () => {
    const { requests, fetch } = recording(() => answer(200, {}))
    await createCall({ fetch })('porthole.camera.update', { id: 'a-b', name: '<b>x' })
    expect(requests[0]?.url).toBe('/api/v1/cameras/a-b')
    expect(requests[0]?.init.method).toBe('PATCH')
    expect(JSON.parse(String(requests[0]?.init.body))).toEqual({ name: '<b>x' })
  })

  it('sends a body of a method that has one even when it is empty, and leaves out what is undefined', () => {
    expect(requestOf(procedures['porthole.camera.restore'], { id: 'x' })).toEqual({ url: '/api/v1/cameras/x/restore', body: '{}' })
    expect(requestOf(procedures['porthole.session.create'], { link: 's', user: undefined }).body).toBe('{"link":"s"}')
  })

  it('encodes a path parameter, and puts the rest of a GET into the query', () => {
    expect(requestOf(procedures['porthole.camera.get'], { id: '../b?' }).url).toBe('/api/v1/cameras/..%2Fb%3F')
    expect(requestOf(procedures['porthole.camera.list'], { cursor: 'a b' })).toEqual({ url: '/api/v1/cameras?cursor=a+b', body: undefined })
  })

  it('leaves no parameter of any procedure in its address', () => {
    for (const procedure of Object.values(procedures)) {
      const input = Object.fromEntries(pathParameters(procedure.path).map((name) => [name, 'value']))
      expect(requestOf(procedure, input).url).not.toContain(':')
    }
  })
})

describe('answers', () => {
  it('gives null for 204', async () => {
    const { fetch } = recording(() => answer(204, null))
    expect(await createCall({ fetch })('porthole.session.delete', {})).toBeNull()
  })

  it('turns a problem into its code, and tells of it before the caller', async () => {
    const problem = { code: 'auth.wrong', title: 'User or password is wrong.', detail: 'no such user' }
    const { fetch } = recording(() => answer(401, problem, 'application/problem+json'))
    const told: string[] = []
    const call = createCall({ fetch, onRefused: (code) => told.push(code) })
    const error = await call('porthole.session.create', { user: 'x', password: 'y' }).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ code: 'auth.wrong', message: 'no such user' })
    expect(told).toEqual(['auth.wrong'])
  })

  it.each([
    ['a failed fetch', () => Promise.reject(new TypeError('failed'))],
    ["a proxy's page", () => new Response('<h1>Bad gateway', { status: 502 })],
    ['a problem of an unknown code', () => answer(400, { code: 'made.up' })],
    ['an answer that is cut off', () => new Response('{"cameras":', { status: 200 })],
  ])('calls %s a network error', async (_what, response) => {
    const { fetch } = recording(response)
    await expect(createCall({ fetch })('porthole.camera.list', {})).rejects.toBeInstanceOf(NetworkError)
  })
})
