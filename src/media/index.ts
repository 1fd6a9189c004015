export { type Media, openMedia, temporaryFolder } from "./media.ts";
export { type MediaSettings, mediaSettings } from "./settings.ts";
export type { FileStorage, IncomingFile, LocalFile, RemoteFile, StoredFile } from "./storage.ts";
export { type Target, Upload, type UploadFacts, Uploads, type UploadsOptions } from "./uploads.ts";
