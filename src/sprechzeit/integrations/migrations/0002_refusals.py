"""How often the video service said no to a change (PUSH-5)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("integrations", "0001_pushes"),
    ]

    operations = [
        migrations.AddField(
            model_name="push",
            name="refusals",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AlterField(
            model_name="push",
            name="error",
            field=models.CharField(
                blank=True,
                choices=[
                    ("later", "A later change says all that this one did."),
                    ("over", "The appointment was over before it could be sent."),
                    ("other_service", "It was meant for the service that you had before."),
                    ("put_aside", "You left it at that."),
                    ("restored", "It was not sent, since the data was restored from a backup."),
                    ("no_reference", "The calendar has no reference at the video service."),
                    ("address", "The address may not be called: it is none of a machine on the internet."),
                    ("name", "The name in the address is not known: nobody has it."),
                    ("connection", "No connection could be made, or it broke off."),
                    ("encryption", "The certificate is not valid for the address."),
                    ("timeout", "There was no answer within ten seconds."),
                    ("protocol", "The answer broke off, or is no HTTP."),
                    ("redirect", "The service named another address; that is not followed. Enter the final one."),
                    ("token", "The service refused the token: it is wrong, or was revoked there."),
                    ("interface", "At this address is no interface for pushing appointments."),
                    ("answer", "The service answered something that cannot be read."),
                    ("busy", "The service asked to be left alone for a while."),
                    ("error", "The service has a fault of its own."),
                    ("practitioner", "The service does not know the calendar's reference."),
                    ("refused", "The service refused it."),
                ],
                db_default="",
                default="",
                max_length=20,
            ),
        ),
    ]
