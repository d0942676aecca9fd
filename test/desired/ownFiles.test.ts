import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { filledOwnTexts, ownScriptFaults, ownTexts } from '../../runner/desired/ownFiles.ts'
import { withDocument } from '../../runner/serviceBundle/xml.ts'

const test = suite('desired/ownFiles')

const HOSTILE = `a"b'<c>&d$(id)`

test('only the files that are named are read', () => {
  assert.equal(
    ownTexts({ run: 'tiny/run', manifest: undefined }, (file) => `text of ${file}`),
    { run: 'text of tiny/run' },
  )
})

test('in a manifest a value is text of XML, in a script it stands as it is', async () => {
  const own = { manifest: '<a b="${value.x}" c=\'${value.x}\'/>', run: '#!/bin/sh\n${value.x} $${HOME}\n' }
  const filled = filledOwnTexts(own, { 'value.x': HOSTILE })
  assert.is(filled.run, `#!/bin/sh\n${HOSTILE} \${HOME}\n`)
  const attributes = await withDocument(Buffer.from(filled.manifest ?? ''), (parsed) =>
    'document' in parsed ? parsed.document.root.attributes : undefined,
  )
  assert.equal(attributes, { b: HOSTILE, c: HOSTILE })
})

test('a value that a shell reads is refused in a script, with its place, and not in a manifest', () => {
  const values = { 'value.x': HOSTILE, 'host.name': '/opt/a-b_1.2:80' }
  const placeOf = (variable: string) => ({ file: `where ${variable} is`, line: 3, column: 4 })
  const faults = (own: object) => ownScriptFaults({ tiny: { own }, other: {} }, 'box', values, { placeOf })
  assert.equal(faults({ manifest: '${value.x}', method: '${host.name} ${prefix}', run: '${value.z}' }), [])
  for (const kind of ['method', 'run']) {
    const [fault, ...more] = faults({ [kind]: 'exec a ${value.x} ${value.x}' })
    assert.equal(more, [])
    assert.match(fault?.message ?? '', /^\$\{value\.x} of the host box has characters that a shell reads/)
    assert.equal(fault?.context.location, { file: 'where value.x is', line: 3, column: 4 })
  }
})

test.run()
