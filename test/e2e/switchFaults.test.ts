/** What can be in the way of a switch on a host, by the built program: each ends in the old state or in the new one, whole. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { file, folder, link, type Tree } from '../host/trees.ts'
import { writeTreeRecipe } from './treeRecipe.ts'
import { Workshop } from './workshop.ts'

const workshop = new Workshop()
workshop.write(
  'hosts.yaml',
  JSON.stringify({ hosts: { box: { address: 'sandbox', recipes: { tool: '*' } } } }),
)
const write = (version: string, tree: Tree) => writeTreeRecipe(workshop, 'tool', { version, tree, into: '.' })
const prefix = () => workshop.prefix('box')

async function run(status: number, ...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await workshop.build(...words)
  assert.is(code, status, `${words.join(' ')}: ${stdout}${stderr}`)
  return stdout
}

const faults = suite('a switch on a host')

faults('puts a folder in the place of a file and the reverse, and goes back', async () => {
  const one: Tree = { lib: folder({ a: file('a file'), b: folder({ c: file('c') }), l: link('a') }) }
  const two: Tree = { lib: folder({ a: folder({ d: file('d') }), b: file('a file now'), l: folder({}) }) }
  write('1', one)
  await run(0, 'box')
  const before = prefix()
  write('2', two)
  await run(0, 'box')
  assert.equal(
    prefix().map((line) => line.split(' ').slice(0, 3).join(' ')),
    ['d 755 lib', 'd 755 lib/a', 'f 644 lib/a/d', 'f 644 lib/b', 'd 755 lib/l'],
  )
  await run(0, 'rollback', 'box', 'tool')
  assert.equal(prefix(), before)
})

faults('replaces nothing that a link leads to outside the prefix, whatever it is told', async () => {
  assert.is((await workshop.command('remove', 'box', 'tool')).code, 0)
  await workshop.login('box', 'mkdir -p /srv/lib && echo mine >/srv/lib/a && ln -s /srv/lib /opt/local/lib')
  write('3', { lib: folder({ a: file('three') }) })
  for (const words of [[], ['--adopt'], ['--overwrite']]) {
    assert.match(await run(1, 'box', ...words), /lib\/a is there and belongs to nobody/)
  }
  assert.is((await workshop.login('box', 'cat /srv/lib/a')).stdout, 'mine')
  // What is not there yet goes where the administrator's link leads, and away again.
  write('4', { lib: folder({ b: folder({ c: file('c') }) }) })
  await run(0, 'box')
  assert.is((await workshop.login('box', 'cat /srv/lib/b/c')).stdout, 'c')
  assert.is((await workshop.command('remove', 'box', 'tool')).code, 0)
  assert.is((await workshop.login('box', 'ls /srv/lib')).stdout, 'a')
})

faults.after(() => workshop.close())
faults.run()
