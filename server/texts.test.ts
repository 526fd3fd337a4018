import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { parseSync, Visitor } from 'vite'
import { expect, it } from 'vitest'

/** Attributes of the client's components that are read or seen. */
const WORDED = /^(aria-label|aria-description|aria-roledescription|alt|title|text|label|hint|placeholder|data-tip)$/
/** Two letters make a word; marks, dots and single keys are none. */
const isWorded = (text: string) => /\p{L}{2}/u.test(text)

/** Words that a component says itself, instead of by the texts of client/state. */
function ownWords(code: string): string[] {
  const found: string[] = []
  const { program } = parseSync('component.tsx', code)
  new Visitor({
    JSXText: ({ value }) => {
      if (isWorded(value)) found.push(value.trim())
    },
    JSXAttribute: ({ name, value }) => {
      if (name.type !== 'JSXIdentifier' || !WORDED.test(name.name)) return
      if (value?.type === 'Literal' && typeof value.value === 'string' && isWorded(value.value)) found.push(value.value)
    },
  }).visit(program)
  return found
}

it('sees words in elements and attributes', () => {
  expect(ownWords('<p title="Two words">More <b>words</b> · {text}</p>')).toEqual(['Two words', 'More', 'words'])
})

it('no component has words of its own: they stand in client/state, ready for another language', () => {
  const client = path.resolve(import.meta.dirname, '../client')
  const components = readdirSync(client, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.tsx'))
  expect(components).toContain(path.join('ui', 'wall.tsx'))
  expect(components.flatMap((file) => ownWords(readFileSync(path.join(client, file), 'utf8')).map((words) => `${file}: ${words}`))).toEqual(
    [],
  )
})
