/** The borders between folders. Tests are left out, they may reach across; so is main.ts, which joins the stand-ins. */
const { options } = require('./.dependency-cruiser.cjs')

module.exports = {
  forbidden: [
    {
      name: 'no-folder-cycles',
      severity: 'error',
      comment: 'Two folders that need each other are one idea, or miss a third.',
      scope: 'folder',
      from: { path: '^(core|adapters|daemon|standins|tuner|models)(/|$)' },
      to: { circular: true },
    },
  ],
  options: { ...options, exclude: { path: '^(dist|node_modules|tests)/|[.]test[.]ts$|^daemon/main[.]ts$' } },
}
