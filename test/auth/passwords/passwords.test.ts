import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createPasswords, type PasswordOptions } from "../../../src/auth/index.ts";

/** Cheap ones, so that the tests are quick. */
const parameters = {
  argon2: { memoryKiB: 1024, passes: 2, parallelism: 1, hashBytes: 16 },
  pbkdf2_sha256: { iterations: 1000 },
  pbkdf2_sha1: { iterations: 1000 },
  bcrypt_sha256: { cost: 4 },
  bcrypt: { cost: 4 },
  scrypt: { N: 1024, r: 8, p: 1 },
};
const arrange = (options: Partial<PasswordOptions> = {}) =>
  createPasswords({ parameters, maxConcurrent: 4, ...options });

const password = "pässwörd ✓";

/** Encodings of `password` made by Django 3.2.25, argon2-cffi 21.1, bcrypt 3.2.2 and hashlib, with the parameters above. */
const made = {
  pbkdf2_sha256: "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$UkZXrUzHhrac78+32Hketbp/WKXw7KW4bZRIE/ibqXs=",
  pbkdf2_sha1: "pbkdf2_sha1$1000$abcdefghijklmnopqrstuv$KIS3GFbk0lEKaFOoiNzvTMmCrfQ=",
  argon2: "argon2$argon2id$v=19$m=1024,t=2,p=1$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$351e7dgRSdpdWXsTO/3c9Q",
  bcrypt_sha256: "bcrypt_sha256$$2b$04$OpmRyKhCNZAZxBM2MNmZ9OaRA8BS9R4mrCHiCBYw5YRZEjnrWWSrS",
  bcrypt: "bcrypt$$2b$04$Wvu0vG1u0iq0/dXqhB4ItOdxg2Z6kQQ1.cHxEaGI9ZWh6JtotPJd.",
  scrypt:
    "scrypt$1024$abcdefghijklmnopqrstuv$8$1$J1QUJUwDL6REkBOnid5nI5XpNEqTO6NO6wn6iycjUeHB+nqkCa0R8GpX6JbzIGMqhklt2EGt8wyw5N+PHGADng==",
} as const;
const algorithms = ["argon2", "pbkdf2_sha256", "pbkdf2_sha1", "bcrypt_sha256", "bcrypt", "scrypt"] as const;

describe("encodings of Django", () => {
  for (const algorithm of algorithms) {
    test(`${algorithm}: the right password is valid, and nothing needs replacing`, async () => {
      const passwords = arrange({ preferred: algorithm });
      assert.deepEqual(await passwords.verify(password, made[algorithm]), { valid: true });
    });

    test(`${algorithm}: any other password is not`, async () => {
      const passwords = arrange({ preferred: algorithm });
      for (const wrong of ["", "passwörd ✓", `${password} `, made[algorithm]]) {
        assert.deepEqual(await passwords.verify(wrong, made[algorithm]), { valid: false });
      }
    });

    test(`${algorithm}: what is hashed here has Django's form, another salt each time, and verifies`, async () => {
      const passwords = arrange({ preferred: algorithm });
      const [first, second] = await Promise.all([passwords.hash(password), passwords.hash(password)]);
      const shape = (encoded: string) => encoded.replace(/[A-Za-z0-9+/.]{22,}/g, (text) => `<${text.length}>`);
      assert.equal(shape(first), shape(made[algorithm]));
      assert.notEqual(first, second);
      assert.deepEqual(await passwords.verify(password, first), { valid: true });
    });

    test(`${algorithm}: an encoding of another algorithm is replaced after the right password only`, async () => {
      const passwords = arrange({ preferred: algorithm });
      const other = algorithm === "argon2" ? made.scrypt : made.argon2;
      const { valid, upgraded = "" } = await passwords.verify(password, other);
      assert(valid && upgraded.startsWith(`${algorithm}$`));
      assert.deepEqual(await passwords.verify(password, upgraded), { valid: true });
      assert.deepEqual(await passwords.verify("wrong", other), { valid: false });
    });
  }

  test("the default is Argon2id as OWASP recommends, and fits Django's column", async () => {
    const encoded = await createPasswords({ maxConcurrent: 1 }).hash(password);
    assert.match(encoded, /^argon2\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{30}\$[A-Za-z0-9+/]{43}$/);
    assert(encoded.length <= 128);
  });

  test("Django 3.2's own default can be preferred", async () => {
    const passwords = createPasswords({
      preferred: "pbkdf2_sha256",
      parameters: { pbkdf2_sha256: { iterations: 260_000 } },
      maxConcurrent: 2,
    });
    const byDjango = "pbkdf2_sha256$260000$UeKiuy6pSjCYW7Rjx13DCz$P8IVNeVX18yO1VUGagrwNm3e99hQHH61U4CpRMq8Iyw=";
    assert.deepEqual(await passwords.verify("plain", byDjango), { valid: true });
    assert.match(await passwords.hash("plain"), /^pbkdf2_sha256\$260000\$[A-Za-z0-9]{22}\$[A-Za-z0-9+/]{43}=$/);
  });

  test("Argon2i, Argon2d and version 16 verify, and are replaced", async () => {
    const salt = "YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg";
    const old = [
      `argon2$argon2i$v=19$m=1024,t=2,p=1$${salt}$JFiTSdLbuu0pw6jb73HUz803elsaEho3u2m9siR6TqQ`,
      `argon2$argon2d$v=19$m=1024,t=2,p=1$${salt}$aenPpB2OFWIzDlXWRl437xV/wOHUBJbH9w7ASp+OJaI`,
      `argon2$argon2id$v=16$m=1024,t=2,p=1$${salt}$08kqK5Tt0Cb8jWiX4dhIG3ebN3f7y9ATv/UAyaXLN04`,
    ];
    for (const encoded of old) {
      const { valid, upgraded } = await arrange().verify(password, encoded);
      assert(valid && upgraded !== undefined);
      assert.deepEqual(await arrange().verify("wrong", encoded), { valid: false });
    }
  });

  test("bcrypt reads 72 bytes of a password, bcrypt_sha256 all of them", async () => {
    const byDjango = "bcrypt$$2b$04$oD9Z2f41y0fWg.UiUI7vD.bYvPgz3MSq3fs8Ayr02qvWscg2H3NUa";
    const plain = arrange({ preferred: "bcrypt" });
    assert.equal((await plain.verify("x".repeat(100), byDjango)).valid, true);
    assert.equal((await plain.verify("x".repeat(72), byDjango)).valid, true);
    const hashed = arrange({ preferred: "bcrypt_sha256" });
    const encoded = await hashed.hash("x".repeat(100));
    assert.equal((await hashed.verify("x".repeat(100), encoded)).valid, true);
    assert.equal((await hashed.verify("x".repeat(72), encoded)).valid, false);
  });

  test("a salt counts as its text, also beyond ASCII", async () => {
    const byDjango = "pbkdf2_sha256$1000$sält-über-zwanzig-zeichen$r957If2CJf2skJNCZs3/XIRMoEVh8LxlPduCozwS30A=";
    assert.deepEqual(await arrange({ preferred: "pbkdf2_sha256" }).verify("plain", byDjango), { valid: true });
  });
});

describe("the users of a Django database", () => {
  const stored: [string, string][] = [
    ["admin", "pbkdf2_sha256$260000$saltadmin00000000000aa$jBZmL7Ys37ZwjoZRVuZv1U3jysTDE7tf+O3sUXOYoUA="],
    ["staff", "argon2$argon2id$v=19$m=102400,t=2,p=8$c2FsdHN0YWZmMDAwMDAwMDAwMDBhYQ$qbVcZjW/s7eW6hme/NEgoA"],
    ["alice", "bcrypt_sha256$$2b$12$abcdefghijklmnopqrstuuBqKOqmQhGTLe7S2/.MAxB2h65xcSIdK"],
    ["bob", "pbkdf2_sha256$150000$saltbob000000000000000$/OqkVxypby03ygqbqF9Ryq7HMjMnpntincRt0v6kgeU="],
    ["dave", "pbkdf2_sha1$260000$saltdave00000000000000$+734AHnQ1jY9F5+3LS4yZj3nmpY="],
  ];
  for (const [name, encoded] of stored) {
    test(`${name} can sign in and gets a new encoding unless it is the preferred one`, async () => {
      const passwords = createPasswords({
        preferred: "pbkdf2_sha256",
        parameters: { pbkdf2_sha256: { iterations: 260_000 } },
        maxConcurrent: 2,
      });
      const { valid, upgraded } = await passwords.verify(`${name}-pass`, encoded);
      assert.equal(valid, true);
      assert.equal(upgraded === undefined, name === "admin");
    });
  }
});

describe("an encoding is replaced", () => {
  const upgrade = async (options: Partial<PasswordOptions>, text: string, encoded: string) => {
    const { valid, upgraded } = await arrange(options).verify(text, encoded);
    assert.equal(valid, true);
    return upgraded;
  };

  test("when the iterations of pbkdf2 differ, be they fewer or more", async () => {
    for (const iterations of [999, 1001]) {
      const options = { preferred: "pbkdf2_sha256", parameters: { pbkdf2_sha256: { iterations } } } as const;
      assert.match(
        (await upgrade(options, password, made.pbkdf2_sha256)) ?? "",
        new RegExp(`^pbkdf2_sha256\\$${iterations}\\$`),
      );
    }
  });

  test("when its salt is shorter than 22 characters", async () => {
    const short = "pbkdf2_sha256$260000$short$n09nttBdutRH9yBt9B+XowHFfyCxUDhTl4OHwzPN8dY=";
    const options = { preferred: "pbkdf2_sha256", parameters: { pbkdf2_sha256: { iterations: 260_000 } } } as const;
    assert.notEqual(await upgrade(options, "plain", short), undefined);
    const shortArgon = "argon2$argon2id$v=19$m=1024,t=2,p=1$YWJjZGVmZ2gxMg$GnIBpxbvk0CLClq2XaWArA";
    assert.notEqual(await upgrade({ preferred: "argon2" }, password, shortArgon), undefined);
  });

  const costs = [
    { preferred: "argon2", parameters: { argon2: { ...parameters.argon2, memoryKiB: 2048 } } },
    { preferred: "argon2", parameters: { argon2: { ...parameters.argon2, passes: 3 } } },
    { preferred: "argon2", parameters: { argon2: { ...parameters.argon2, parallelism: 2 } } },
    { preferred: "argon2", parameters: { argon2: { ...parameters.argon2, hashBytes: 32 } } },
    { preferred: "bcrypt_sha256", parameters: { bcrypt_sha256: { cost: 5 } } },
    { preferred: "bcrypt", parameters: { bcrypt: { cost: 5 } } },
    { preferred: "scrypt", parameters: { scrypt: { ...parameters.scrypt, N: 2048 } } },
    { preferred: "scrypt", parameters: { scrypt: { ...parameters.scrypt, r: 4 } } },
    { preferred: "scrypt", parameters: { scrypt: { ...parameters.scrypt, p: 2 } } },
  ] as const;
  for (const options of costs) {
    test(`when its cost is not ${JSON.stringify(options.parameters)}`, async () => {
      assert.notEqual(await upgrade(options, password, made[options.preferred]), undefined);
    });
  }
});

describe("what is no encoding", () => {
  const malformed = [
    "",
    "$",
    "plain",
    "d41d8cd98f00b204e9800998ecf8427e",
    "md5$$d41d8cd98f00b204e9800998ecf8427e",
    "sha1$salt$0000000000000000000000000000000000000000",
    "__proto__$1",
    "argon2",
    "argon2$",
    "argon2$argon2id$v=19$m=4294967295,t=2,p=1$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$351e7dgRSdpdWXsTO/3c9Q",
    "argon2$argon2id$v=19$m=1,t=2,p=8$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$351e7dgRSdpdWXsTO/3c9Q",
    "argon2$argon2id$v=19$m=1024,t=0,p=1$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dg$351e7dgRSdpdWXsTO/3c9Q",
    "argon2$argon2id$v=19$m=1024,t=2,p=1$YWJjZGVmZ2hpamtsbW5vcHFyc3R1dgAAA$351e7dgRSdpdWXsTO/3c9Q",
    "argon2$argon2id$v=19$m=1024,t=2,p=1$$351e7dgRSdpdWXsTO/3c9Q",
    "pbkdf2_sha256$1000$salt",
    "pbkdf2_sha256$0$salt$UkZXrUzHhrac78+32Hketbp/WKXw7KW4bZRIE/ibqXs=",
    "pbkdf2_sha256$-1$salt$UkZXrUzHhrac78+32Hketbp/WKXw7KW4bZRIE/ibqXs=",
    "pbkdf2_sha256$9999999999$salt$UkZXrUzHhrac78+32Hketbp/WKXw7KW4bZRIE/ibqXs=",
    "pbkdf2_sha256$1000$$UkZXrUzHhrac78+32Hketbp/WKXw7KW4bZRIE/ibqXs=",
    "pbkdf2_sha256$01000$abcdefghijklmnopqrstuv$UkZXrUzHhrac78+32Hketbp/WKXw7KW4bZRIE/ibqXs=",
    "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$UkZXrUzHhrac78+32Hketbp/WKXw7KW4bZRIE/ibqXs",
    "bcrypt_sha256$",
    "bcrypt_sha256$$2b$99$OpmRyKhCNZAZxBM2MNmZ9OaRA8BS9R4mrCHiCBYw5YRZEjnrWWSrS",
    "bcrypt_sha256$$2b$04$OpmRyKhCNZAZxBM2MNmZ9OaRA8BS9R4mrCHi",
    "scrypt$1000$salt$8$1$AAAA",
    "scrypt$1073741824$salt$8$1$AAAA",
    "scrypt$1024$salt$0$1$AAAA",
  ];
  for (const encoded of malformed) {
    test(`"${encoded}" matches no password, and nothing breaks`, async () => {
      assert.deepEqual(await arrange().verify(password, encoded), { valid: false });
    });
  }

  test("an unusable password never matches, not even itself", async () => {
    const passwords = arrange();
    const unusable = passwords.unusable();
    assert.match(unusable, /^![A-Za-z0-9]{40}$/);
    assert.notEqual(unusable, passwords.unusable());
    assert.equal(passwords.isUsable(unusable), false);
    assert.equal(passwords.isUsable(made.argon2), true);
    for (const text of [unusable, unusable.slice(1), "", "!"]) {
      assert.deepEqual(await passwords.verify(text, unusable), { valid: false });
    }
  });

  const wrong: [string, PasswordOptions][] = [
    [
      "memory beyond a gigabyte",
      { maxConcurrent: 1, parameters: { argon2: { ...parameters.argon2, memoryKiB: 2 ** 21 } } },
    ],
    ["no iterations", { maxConcurrent: 1, parameters: { pbkdf2_sha256: { iterations: 0 } } }],
    ["a bcrypt cost of 3", { maxConcurrent: 1, parameters: { bcrypt: { cost: 3 } } }],
    ["an N that is no power of two", { maxConcurrent: 1, parameters: { scrypt: { N: 1000, r: 8, p: 1 } } }],
    ["no hashes at all at the same time", { maxConcurrent: 0 }],
  ];
  for (const [title, options] of wrong) {
    test(`${title} is refused at the start`, () => {
      assert.throws(() => createPasswords(options), TypeError);
    });
  }
});

describe("one text in several forms", () => {
  const composed = "cafétière 12";
  const decomposed = composed.normalize("NFD");

  test("is one password, whichever form it is typed in", async () => {
    const passwords = arrange();
    for (const [chosen, typed] of [
      [composed, decomposed],
      [decomposed, composed],
      [decomposed, decomposed],
    ] as const) {
      assert.deepEqual(await passwords.verify(typed, await passwords.hash(chosen)), { valid: true });
    }
  });

  test("verifies as it was typed where Django hashed it so", async () => {
    // Django 3.2: PBKDF2PasswordHasher().encode of the decomposed form, PBKDF2 with 1000 iterations.
    const encoded = "pbkdf2_sha256$1000$abcdefghijklmnopqrstuv$6snkjsIV3qFRFoN/RfIM9tLS+D+Vf/GvaN/tZVEerQ4=";
    assert.deepEqual(await arrange({ preferred: "pbkdf2_sha256" }).verify(decomposed, encoded), { valid: true });
  });
});

describe("a long password", () => {
  const long = "0123456789".repeat(12);
  for (const algorithm of algorithms.filter((one) => one !== "bcrypt")) {
    test(`${algorithm}: counts to its last character`, async () => {
      const passwords = arrange({ preferred: algorithm });
      const encoded = await passwords.hash(long);
      assert.deepEqual(await passwords.verify(long, encoded), { valid: true });
      assert.deepEqual(await passwords.verify(`${long.slice(0, -1)}x`, encoded), { valid: false });
    });
  }

  test("bcrypt: is not hashed, since it would be cut after 72 bytes", async () => {
    const passwords = arrange({ preferred: "bcrypt" });
    assert.equal(passwords.maxBytes, 72);
    await passwords.hash("x".repeat(72));
    await assert.rejects(passwords.hash("x".repeat(73)), TypeError);
    await assert.rejects(passwords.hash("é".repeat(37)), TypeError);
  });

  test("bcrypt: that another algorithm encoded still signs in, and stays as it is", async () => {
    const encoded = await arrange({ preferred: "scrypt" }).hash(long);
    assert.deepEqual(await arrange({ preferred: "bcrypt" }).verify(long, encoded), { valid: true });
  });
});

describe("time", () => {
  /** Counts the salts that are made, so that a test can see that a hash was computed. */
  function counting(options: Partial<PasswordOptions> = {}) {
    const salts = { count: 0 };
    const random = (size: number) => {
      salts.count++;
      return new Uint8Array(size);
    };
    return { salts, passwords: arrange({ random, ...options }) };
  }

  test("an unknown user costs one run of the preferred hasher", async () => {
    const { passwords, salts } = counting();
    await passwords.waste(password);
    assert.equal(salts.count, 1);
  });

  test("so does an unusable, malformed or unknown encoding", async () => {
    for (const encoded of ["!x", "", "md5$a$b", "argon2$x"]) {
      const { passwords, salts } = counting();
      await passwords.verify(password, encoded);
      assert.equal(salts.count, 1);
    }
  });

  test("hashing does not stop the event loop", async () => {
    const passwords = arrange({ maxConcurrent: 1 });
    let finished = 0;
    const running = Array.from({ length: 20 }, async () => {
      await passwords.hash(password);
      finished++;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert(finished < running.length, "other work had its turn before the last hash");
    await Promise.all(running);
  });

  test("one more than may wait is told to come back", async () => {
    const passwords = arrange({ maxConcurrent: 1, maxWaiting: 1 });
    const accepted = [passwords.hash("a"), passwords.hash("b")];
    await assert.rejects(passwords.hash("c"), { status: 503 });
    assert.equal((await Promise.all(accepted)).length, 2);
    await passwords.hash("d");
  });
});
