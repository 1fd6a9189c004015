/** The settings of files that clients send. */
import { defineSettings, integer, text, type ValuesOf } from "../config/index.ts";

export const mediaSettings = defineSettings({
  mediaRoot: {
    name: "MEDIA_ROOT",
    default: "",
    defaultText: "the folder media beside the app file",
    parse: text(),
    flag: "media-root",
    description: "Folder that the files of file fields are kept in; all workers, and all machines, must share it.",
  },
  mediaUrl: {
    name: "MEDIA_URL",
    default: "/media/",
    parse: text({ minLength: 1 }),
    description:
      "Where clients find these files: a path that is served here, such as /media/, or the URL of another server.",
  },
  maxUploadBytes: {
    name: "MAX_UPLOAD_BYTES",
    default: 104_857_600,
    parse: integer({ min: 1 }),
    unit: "bytes",
    description: "Most bytes of the files of one request together, and so of each of them.",
  },
  maxUploadFiles: {
    name: "MAX_UPLOAD_FILES",
    default: 100,
    parse: integer({ min: 1 }),
    description: "Most files of one request.",
  },
});

export type MediaSettings = ValuesOf<typeof mediaSettings>;
