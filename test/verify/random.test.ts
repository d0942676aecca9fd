/** Whatever is changed by hand in whatever tree, verify names just that. */
import { chmodSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Shell, shells } from '../host/shells.ts'
import { SwitchWorld } from '../host/switchWorld.ts'
import { file, folder, link, type Tree } from '../host/trees.ts'
import { receipt } from '../receipts/sampleReceipt.ts'
import { factsWith, found } from './look.ts'

/** What hand does to a file, with the kind of finding that is to come of it. */
const HANDS = {
  nothing: { kind: undefined, act: () => {} },
  remove: { kind: 'missing', act: (path: string) => rmSync(path) },
  write: { kind: 'changed', act: (path: string) => writeFileSync(path, 'by hand: another text') },
  close: { kind: 'changed', act: (path: string) => chmodSync(path, 0o400) },
  link: {
    kind: 'changed',
    act: (path: string) => {
      rmSync(path)
      symlinkSync('by hand', path)
    },
  },
} as const

const name = fc
  .string({ minLength: 1, maxLength: 8, unit: fc.constantFrom(...'ab .-é\'"$`\\*[(&;|~#!') })
  .filter((one) => !/^\.+$/.test(one))

const world = fc.dictionary(
  name,
  fc.dictionary(
    name,
    fc.record({
      content: fc.string({ maxLength: 12 }),
      hand: fc.constantFrom(...(Object.keys(HANDS) as (keyof typeof HANDS)[])),
      isLink: fc.boolean(),
    }),
    { minKeys: 1, maxKeys: 5 },
  ),
  { minKeys: 1, maxKeys: 4 },
)

const test = suite('verify on random trees')

test('names what was changed, and nothing else', () => {
  const shell = shells[0] as Shell
  fc.assert(
    fc.property(world, (folders) => {
      const scene = new SwitchWorld()
      try {
        const tree: Tree = {}
        const wanted: string[] = []
        const acts: (() => void)[] = []
        for (const [above, files] of Object.entries(folders)) {
          const children: Tree = {}
          for (const [below, { content, hand, isLink }] of Object.entries(files)) {
            // A link has no mode of its own, and writing goes through it.
            const doing = isLink && (hand === 'write' || hand === 'close') ? HANDS.remove : HANDS[hand]
            children[below] = isLink ? link(`${content.replaceAll('\0', '')}x`) : file(content)
            if (doing.kind) wanted.push(`${doing.kind} ${above}/${below}`)
            acts.push(() => doing.act(join(scene.prefix, above, below)))
          }
          tree[above] = folder(children)
        }
        scene.put(shell, tree)
        for (const act of acts) act()
        const lines = found(shell, scene.prefix, factsWith([receipt('tool')]))
        assert.equal(
          lines
            .map((one) =>
              one.replace(/: (is not there|the link is not there|content|mode|a file|link to).*$/s, ''),
            )
            .sort(),
          wanted.sort(),
        )
      } finally {
        scene.close()
      }
    }),
    { numRuns: 12 },
  )
})

test.run()
