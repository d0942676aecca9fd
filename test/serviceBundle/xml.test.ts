import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Element, withDocument } from '../../runner/serviceBundle/xml.ts'

const test = suite('serviceBundle/xml')

const rootOf = (text: string) =>
  withDocument(Buffer.from(text), (parsed): Element | undefined =>
    'document' in parsed ? parsed.document.root : undefined,
  )

test('elements have their attributes, their text and their line', async () => {
  const root = await rootOf('<a>\n <b xml:lang="C" x="&lt;1">t<![CDATA[&]]></b>\n</a>')
  assert.equal(root?.children, [
    { name: 'b', attributes: { 'xml:lang': 'C', x: '<1' }, children: [], text: 't&', line: 2 },
  ])
})

for (const [text, systemId] of [
  ['<a/>', undefined],
  ['<!DOCTYPE a><a/>', null],
  ['<?xml version="1.0"?>\n<!-- <!DOCTYPE x SYSTEM "no"> -->\n<!DOCTYPE a SYSTEM \'/x.dtd\'><a/>', '/x.dtd'],
  ['<!DOCTYPE a PUBLIC "-//x" "/y.dtd"><a/>', '/y.dtd'],
] as const) {
  test(`the system id of ${JSON.stringify(text)}`, async () => {
    const found = await withDocument(Buffer.from(text), (parsed) =>
      'document' in parsed ? parsed.document.systemId : 'not well formed',
    )
    assert.is(found, systemId)
  })
}

test('what is not well formed has faults with their places; an empty document has none', async () => {
  const faults = (text: string) =>
    withDocument(Buffer.from(text), (parsed) => ('faults' in parsed ? parsed.faults : undefined))
  const [fault] = (await faults('<a>\n  <b></a>')) ?? []
  assert.is(fault?.line, 2)
  assert.match(fault?.message ?? '', /mismatch: b/)
  assert.equal(await faults('<a/>'), undefined)
})

test('faults by a DTD name the element', async () => {
  const faults = await withDocument(Buffer.from('<a>\n<b/></a>'), (parsed) =>
    'document' in parsed ? parsed.document.validate('<!ELEMENT a EMPTY><!ELEMENT b EMPTY>') : [],
  )
  assert.equal(
    faults.map(({ line, element }) => [line, element]),
    [[1, 'a']],
  )
})

test.run()
