import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.bson.BsonDecoder;
import de.bwaldvogel.mongo.wire.bson.BsonEncoder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Map;
import org.h2.mvstore.WriteBuffer;
import org.h2.mvstore.type.BasicDataType;

/** How documents are stored: as BSON. H2 by itself writes them as Java objects, which took most of the time of every write. */
final class DocumentType extends BasicDataType<Document> {
    private static final int OVERHEAD = 48;

    @Override
    public int compare(Document one, Document other) {
        throw new UnsupportedOperationException("documents are values, not keys");
    }

    /** About the bytes in memory; H2 sizes its pages and its cache by it. */
    @Override
    public int getMemory(Document document) {
        return memoryOf(document);
    }

    private static int memoryOf(Object value) {
        int memory = OVERHEAD;
        if (value instanceof String text) memory += text.length();
        else if (value instanceof byte[] bytes) memory += bytes.length;
        else if (value instanceof Collection<?> list) for (Object item : list) memory += memoryOf(item);
        else if (value instanceof Map<?, ?> fields) for (Object field : fields.values()) memory += OVERHEAD + memoryOf(field);
        return memory;
    }

    @Override
    public void write(WriteBuffer buffer, Document document) {
        ByteBuf bson = Unpooled.buffer();
        BsonEncoder.encodeDocument(document, bson);
        buffer.put(bson.nioBuffer());
    }

    @Override
    public Document read(ByteBuffer buffer) {
        ByteBuf bson = Unpooled.wrappedBuffer(buffer);
        Document document = BsonDecoder.decodeBson(bson);
        buffer.position(buffer.position() + bson.readerIndex());
        return document;
    }

    @Override
    public Document[] createStorage(int size) {
        return new Document[size];
    }
}
