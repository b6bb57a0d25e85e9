-- Messages that nobody had begun: a job stood for each. What was booked, cancelled or moved and told to nobody.
SELECT DISTINCT a.practice_id, a.id, told.kind, a.sequence, a.email
  FROM sprechzeit_restore r
  JOIN (VALUES ('messages.send_booked', 'booked'), ('messages.send_cancelled', 'cancelled'),
               ('messages.send_moved', 'moved')) AS told (task, kind) ON told.task = r.task
  JOIN scheduling_appointment a ON a.id::text = r.args ->> 'appointment_id'
  JOIN scheduling_appointmenttype t ON t.practice_id = a.practice_id AND t.id = a.type_id
 WHERE a.email <> ''
   AND NOT (told.kind = 'booked' AND a.source = 'online' AND NOT t.confirms_to_patient)
   AND (told.kind = 'cancelled') = EXISTS (
       SELECT FROM scheduling_cancellation c WHERE c.practice_id = a.practice_id AND c.appointment_id = a.id)
   AND NOT EXISTS (
       SELECT FROM messages_message m WHERE m.practice_id = a.practice_id AND m.appointment_id = a.id
          AND m.kind = told.kind AND (m.sequence = a.sequence OR m.sent_at IS NULL AND m.withdrawn_at IS NULL))
