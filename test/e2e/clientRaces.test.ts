/** Two clients that want one host at the same moment; `npm run test:faults` has them race 200 times. */
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ClientRaces } from '../faults/clientRaces.ts'

const races = suite('two clients at once')
const world = new ClientRaces()

races.before(() => world.open())
races.after(() => world.close())

races('never both enter, and who does not is told who has', async () => {
  for (let race = 0; race < 5; race++) assert.equal((await world.once()).why, [])
})

races('with --wait build one after the other', async () => {
  assert.equal((await world.once('--wait', '5')).why, [])
})

races.run()
