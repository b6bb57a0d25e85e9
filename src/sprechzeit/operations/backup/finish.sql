-- Who was booking when the backup was made is gone: their times are free.
UPDATE scheduling_occupancy SET active = false WHERE active AND kind = 'hold';
-- What waited to be sent is not sent by itself; the practice sees it and may send it again.
UPDATE messages_message SET failed_at = now(), error = 'restored'
 WHERE sent_at IS NULL AND failed_at IS NULL AND withdrawn_at IS NULL;
-- Personal backups that waited are not in a backup.
UPDATE operations_personalbackup SET removed_at = now() WHERE made_at IS NOT NULL AND removed_at IS NULL;
UPDATE operations_personalbackup SET failed_at = now() WHERE made_at IS NULL AND failed_at IS NULL;
-- Nobody is signed in.
DELETE FROM accounts_session;
-- Mails of signing in: their links and codes are long over, and their jobs are put away.
DELETE FROM accounts_accountmail;
-- A new epoch of the log: this server counts transactions from another number, so sealing asks the seals themselves.
UPDATE audit_head SET upto = 0, upto_entry = 0;
DROP TABLE sprechzeit_restore;
