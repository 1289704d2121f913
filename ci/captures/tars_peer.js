// A server and a client of TARS, around the interface in the examples of the package @tars/rpc. Part of rpc.sh.
//
//   tars_peer.js serve CONFIGURATION
//   tars_peer.js call HOST PORT
const path = require('path')
const folder = path.join(process.cwd(), 'node_modules/@tars/rpc')
const Tars = require(folder)
const demo = path.join(folder, 'examples/rpc-tars/demo.1')
const [, , verb, ...rest] = process.argv

if (verb === 'serve') {
    const { tars } = require(path.join(demo, 'server.node.1/NodeTars.js'))
    tars.NodeTarsImp.prototype.initialize = () => {}
    tars.NodeTarsImp.prototype.test = current => {}
    tars.NodeTarsImp.prototype.getall = (current, user, result) => { result.iLevel = 11; current.sendResponse(1, result) }
    tars.NodeTarsImp.prototype.getUsrName = (current, name) => current.sendResponse(2, 'one ' + name, 'two '.repeat(500))
    const server = new Tars.server()
    server.initialize(rest[0], s => s.addServant(tars.NodeTarsImp, s.Application + '.' + s.ServerName + '.NodeTarsObj'))
    server.start()
} else {
    const { tars } = require(path.join(demo, 'client.node.proxy/NodeTarsProxy.js'))
    const [host, port] = rest
    const client = Tars.client
    const at = name => client.stringToProxy(tars.NodeTarsProxy, `${name}@tcp -h ${host} -p ${port} -t 5000`)
    const done = () => new Promise(r => setTimeout(r, 200))
    const quiet = promise => Promise.resolve(promise).catch(e => e)
    ;(async () => {
        const items = at('TRom.NodeTarsServer.NodeTarsObj')
        await quiet(items.getUsrName('apple'))
        await quiet(items.getUsrName('pear'))
        await Promise.all([1, 2, 3].map(n => quiet(items.getUsrName('n' + n))))
        await quiet(at('TRom.NodeTarsServer.NoneObj').getUsrName('apple'))
        await done()
        process.exit(0)
    })()
}
