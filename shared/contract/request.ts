import { API_PREFIX, type Procedure, pathParameters } from './define.ts'

/** Where the fields of an input travel in a request: in the path what it names, in the body or the query the rest. */
export function requestOf(definition: Procedure, input: object): { url: string; body: string | undefined } {
  const inPath = pathParameters(definition.path)
  const fields = Object.entries(input)
  const url = fields
    .filter(([name]) => inPath.includes(name))
    .reduce((url, [name, value]) => url.replace(`:${name}`, encodeURIComponent(String(value))), API_PREFIX + definition.path)
  const rest = fields.filter(([name, value]) => value !== undefined && !inPath.includes(name))
  if (definition.method !== 'GET' && definition.method !== 'DELETE') return { url, body: JSON.stringify(Object.fromEntries(rest)) }
  const query = new URLSearchParams(rest.map(([name, value]): [string, string] => [name, String(value)])).toString()
  return { url: url + (query && `?${query}`), body: undefined }
}
