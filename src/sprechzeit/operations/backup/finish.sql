-- Who was booking when the backup was made is gone: their times are free.
UPDATE scheduling_occupancy SET active = false WHERE active AND kind = 'hold';
-- What waited to be sent is not sent by itself; the practice sees it and may send it again.
UPDATE messages_message SET failed_at = now(), error = 'restored'
 WHERE sent_at IS NULL AND failed_at IS NULL AND withdrawn_at IS NULL;
UPDATE video_visitmessage SET failed_at = now(), error = 'restored'
 WHERE sent_at IS NULL AND failed_at IS NULL AND withdrawn_at IS NULL;
-- Nor is what booking partners were to be told; an administrator sends it again.
UPDATE partners_delivery SET state = 'failed', error = 'restored', next_at = NULL WHERE state = 'waiting';
-- Nor what the video service was to be told.
UPDATE integrations_push SET state = 'failed', error = 'restored', next_at = NULL WHERE state = 'waiting';
-- What portals read since the backup was made has numbers that are forgotten: the feed goes on beyond all of them, so
-- that nothing new is taken for something that was read.
UPDATE partners_feed SET number = number + 1000000;
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
