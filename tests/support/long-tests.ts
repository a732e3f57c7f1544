/** Tests with a short form for every day and a long one for a release: VOLCAST_LONG_TESTS=1. */
export const runsLong = process.env['VOLCAST_LONG_TESTS'] === '1'
