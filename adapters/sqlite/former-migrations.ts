/**
 * SHA-256 of texts that users ran and that were changed in a comment afterwards, by migration. Their statements are those
 * of today, so a database that they made is as good. None is added: a migration that somebody may have run is not edited.
 */
export const formerMigrations: ReadonlyMap<number, string> = new Map([
  [40, '3aa0a8e538d39fd40b87919a298a7c333fb71b0fab1a31fa9d9ac4a503a4a0e6'],
  [51, '3e22d9a94c80905f6ff5dae2c36cf17cc8950fbb5d91040f9b6666ff21a3d024'],
  [60, '3b30b3ad97896a5f30763953adc35d0d5156c7942489709d6c01097c305567cc'],
  [61, '05bb284c1ea89730d5f5197e85a53798787ce9f68d6491de7b1241d66940064e'],
  [70, 'fdda6abad78ee68dcd88449ecea632d8a1f1c10e8f0352304314be96e9ffd2c3'],
])
