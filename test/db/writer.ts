/** A process that writes to an SQLite file: `node writer.ts <url> <count>` inserts, alone and in transactions, then tells how often. */
import { connect, defineStatement } from "../../src/db/index.ts";

const [, , url = "", count = "0"] = process.argv;
const database = await connect(url);
const insert = defineStatement("INSERT INTO entry (name) VALUES (?)");
let written = 0;
for (let i = 0; i < Number(count); i++) {
  written += await database.run(insert, [`${process.pid}-${i}-alone`]);
  await database.transaction(async (transaction) => {
    written += await transaction.run(insert, [`${process.pid}-${i}-first`]);
    await new Promise(setImmediate); // the lock is held over a turn of the event loop
    written += await transaction.run(insert, [`${process.pid}-${i}-second`]);
  });
}
await database.close();
console.log(written);
