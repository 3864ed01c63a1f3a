
import pytest
from support.gateway_running import ALL, PREFIX, BUCKET, HOME

def test_x(gateway):
    c = gateway.client(PREFIX)
    c.put_object(Bucket=BUCKET, Key=HOME+"a", Body=b"abc")
    assert gateway.direct().get_object(Bucket=BUCKET, Key=HOME+"a")["Body"].read()==b"abc"
    c.list_objects_v2(Bucket=BUCKET, Prefix=HOME)
    with pytest.raises(c.exceptions.ClientError) as e:
        c.put_object(Bucket=BUCKET, Key="x/a", Body=b"abc")
    print(e.value.response)
    print(gateway.records(1))
    d=gateway.run(["aws","s3","ls",f"s3://{BUCKET}/{HOME}"], PREFIX)
    print(d)
