import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_EVENT_CHARS, SentEventsError, SentEventsParser } from './sent-events.ts'

const parse = (...texts: string[]) => {
  const parser = new SentEventsParser()
  return texts.flatMap((text) => [...parser.feed(text)])
}

describe('an event stream', () => {
  it('is events with data, and the last id that was said', () => {
    expect(parse('retry: 10\n\nid: 1\ndata: a\n\n:\n\ndata: b\ndata:c\n\nid\ndata:\n\n')).toEqual([
      { data: 'a', lastId: '1' },
      { data: 'b\nc', lastId: '1' },
      { data: '', lastId: '' },
    ])
  })

  it('has names, each of one event', () => {
    expect(parse('event: a\ndata: 1\n\nevent: b\n\ndata: 2\n\nevent:\ndata: 3\n\n').map(({ name, data }) => [name, data])).toEqual([
      ['a', '1'],
      [undefined, '2'],
      [undefined, '3'],
    ])
  })

  it('takes ids of what has no data, none with NUL, and unknown fields', () => {
    expect(parse('\uFEFFid: 7\n\nfoo: bar\nid: a\0b\ndata: x\n\n')).toEqual([{ data: 'x', lastId: '7' }])
  })

  it('is the same however it is cut, and whatever its lines end with', () => {
    const text = 'id: 1\ndata: a\n\ndata: bb\ndata: cc\n\n: beat\n\nid: 2\ndata: {"x":1}\n\n'
    fc.assert(
      fc.property(fc.constantFrom('\n', '\r\n', '\r'), fc.array(fc.nat({ max: 80 }), { maxLength: 8 }), (end, cuts) => {
        // A line's end at the very end of a text may be the half of one.
        const whole = `${text.replaceAll('\n', end)}:${end}`
        const places = [0, ...cuts.sort((a, b) => a - b), whole.length]
        const parts = places.slice(1).map((to, i) => whole.slice(places[i], to))
        expect(parse(...parts)).toEqual(parse(text))
      }),
    )
  })

  it('never throws but at its cap', () => {
    fc.assert(fc.property(fc.array(fc.string({ maxLength: 40 })), (texts) => void parse(...texts)))
    const parser = new SentEventsParser()
    const line = `data: ${'x'.repeat(1_000_000)}\n`
    expect(() => {
      for (let i = 0; i * 1_000_000 <= MAX_EVENT_CHARS + 1_000_000; i++) for (const _ of parser.feed(line));
    }).toThrow(SentEventsError)
  })

  it('says when to come again', () => {
    const parser = new SentEventsParser()
    for (const _ of parser.feed('retry: 1500\nretry: soon\n\n'));
    expect(parser.retryMs).toBe(1500)
  })
})
