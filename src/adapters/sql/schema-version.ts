/** Of the newest migration. By itself, so that who only needs the number does not load the migrations. */
export const schemaVersion = 20;
