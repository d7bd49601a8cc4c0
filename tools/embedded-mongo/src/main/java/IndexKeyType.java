import de.bwaldvogel.mongo.backend.KeyValue;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.h2.mvstore.DataUtils;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;
import org.h2.mvstore.type.ObjectDataType;

/**
 * How the keys of unique indexes are compared and stored: value by value. H2 by itself knows nothing of a KeyValue and serializes both
 * sides of every comparison, which was most of the time of every write and look-up.
 */
final class IndexKeyType extends BasicDataType<KeyValue> {
    private final ObjectDataType values = new ObjectDataType();

    @Override
    public int compare(KeyValue one, KeyValue other) {
        Iterator<Object> others = other.iterator();
        for (Object value : one) {
            if (!others.hasNext()) return 1;
            int order = values.compare(value, others.next());
            if (order != 0) return order;
        }
        return others.hasNext() ? -1 : 0;
    }

    @Override
    public int getMemory(KeyValue key) {
        int memory = 0;
        for (Object value : key) memory += values.getMemory(value);
        return memory;
    }

    @Override
    public void write(WriteBuffer buffer, KeyValue key) {
        buffer.putVarInt(key.size());
        for (Object value : key) values.write(buffer, value);
    }

    @Override
    public KeyValue read(ByteBuffer buffer) {
        int size = DataUtils.readVarInt(buffer);
        List<Object> read = new ArrayList<>(size);
        for (int place = 0; place < size; place++) read.add(values.read(buffer));
        return new KeyValue(read);
    }

    @Override
    public KeyValue[] createStorage(int size) {
        return new KeyValue[size];
    }
}
